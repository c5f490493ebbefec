/*
 * Commands typed on the console.
 *
 * A command that says much is a job: it goes on, line by line, while the console's queue has
 * room, and the next typed line waits for its end.
 */
#include <stdio.h>
#include <string.h>
#include <moxie/slots.h>
#include "init/init.h"

#define TYPED      256u
#define ROOM       640u         /* of the queue, for one step of a job */
#define LAST_WORDS (50 * MX_MS) /* for the 8 KiB the console may still hold */

/* Of a job: call again at once, call again after the next event, or it is over. */
enum progress { MORE, WAIT, DONE };

static char typed[TYPED];
static uint32_t typed_n;
static bool too_long;
static enum progress (*job)(void);
static uint32_t job_at;
static enum mx_power power_how;
static uint64_t power_at; /* ns; 0: not before everything is out */

static void help(void);

static void show_version(void)
{
	output_line("moxie, ABI version %u", MX_ABI_VERSION);
}

static bool stat_of(uint32_t core, uint32_t child, struct mx_stat *stat)
{
	*stat = (struct mx_stat){.core = core, .child = child};
	return mx_trap(MX_TRAP_SPAWN, MX_SPAWN_STAT, (uint64_t)stat, 0) >= 0;
}

static bool child_stat(const struct child *c, struct mx_stat *stat)
{
	return child_runs(c) && stat_of(c->request.core, c->handle, stat);
}

/* Cores first, then children: who lives where, and who had the core for how long. */
static enum progress domains_job(void)
{
	static const char *const lives[] = {"absent", "created", "starting", "ready", "ended"};
	uint32_t i = job_at++ - mx_boot->cores;
	const struct child *c;
	struct mx_stat stat = {0};
	char last[96] = "none";

	if (job_at <= mx_boot->cores) {
		if (stat_of(job_at - 1, 0, &stat))
			output_line(
			        "core %u up %llu us idle %llu us switches %lu memory %lu free %lu",
			        job_at - 1, mx_now() / MX_US, stat.idle_ns / MX_US, stat.switches,
			        stat.memory, stat.memory_free);
		return MORE;
	}
	if (i == init.children_n) {
		output_line("domains end");
		return DONE;
	}
	c = &init.children[i];
	child_stat(c, &stat);
	if (c->ended_at)
		report_cause(&c->last, last, sizeof last);
	output_line("domain %s core %u state %s held %u quota %u bad %lu ran %llu us restarts %u "
	            "last end %s",
	            c->request.name, c->request.core, lives[c->life], stat.held, c->request.quota,
	            stat.bad, stat.ran_ns / MX_US, c->restarts, last);
	return MORE;
}

/* Cores first, then children. */
static enum progress frames_job(void)
{
	uint32_t i = job_at++ - mx_boot->cores;
	struct mx_stat stat;

	if (job_at <= mx_boot->cores) {
		if (stat_of(job_at - 1, 0, &stat))
			output_line("frames core %u pool %u free %u", job_at - 1, stat.pool,
			            stat.pool_free);
		return MORE;
	}
	if (i >= init.children_n) {
		output_line("frames end");
		return DONE;
	}
	if (child_stat(&init.children[i], &stat))
		output_line("frames domain %s held %u", init.children[i].request.name, stat.held);
	return MORE;
}

static enum progress counters_job(void)
{
	if (counters_busy())
		return WAIT;
	output_line("counters end");
	return DONE;
}

/* The text as it was found; the console replaces what a terminal must not see. */
static enum progress config_job(void)
{
	const char *line = init.text + job_at, *end;
	uint32_t left = init.text_len - job_at, n;

	if (!init.text || job_at >= init.text_len) {
		output_line("config end");
		return DONE;
	}
	end = memchr(line, '\n', left);
	n = end ? (uint32_t)(end - line) : left;
	output_line("%.*s", (int)n, line);
	job_at += n + 1;
	return MORE;
}

static void start_job(enum progress (*new_job)(void))
{
	job = new_job;
	job_at = 0;
}

static void show_domains(void)
{
	start_job(domains_job);
}

static void show_frames(void)
{
	start_job(frames_job);
}

static void show_counters(void)
{
	counters_ask();
	start_job(counters_job);
}

static void show_config(void)
{
	output_line("config from %s", init.text_name ? init.text_name : "nowhere");
	start_job(config_job);
}

/* What was said goes out first: init's own part is waited for, the console's is given time. */
static enum progress power_job(void)
{
	int64_t error;

	if (!output_drained() || !power_at)
		power_at = mx_now() + LAST_WORDS;
	if (mx_now() < power_at) {
		mx_wake_at(mx_now() + LAST_WORDS / 10);
		return WAIT;
	}
	error = mx_trap(MX_TRAP_SPAWN, MX_SPAWN_POWER, power_how, 0);
	output_line("moxie: the machine does not obey (%d)", (int)error);
	return DONE;
}

static void power(enum mx_power how)
{
	power_how = how;
	power_at = 0;
	start_job(power_job);
}

static void power_off(void)
{
	power(MX_POWER_OFF);
}

static void reset(void)
{
	power(MX_POWER_RESET);
}

static void kill(struct child *c)
{
	if (restart_kill(c) != MX_OK)
		output_line("moxie: %s does not run", c->request.name);
}

static void start(struct child *c)
{
	if (!restart_start(c))
		output_line("moxie: %s is not down", c->request.name);
	mx_again();
}

static const struct {
	const char *words;
	void (*run)(void);
	void (*run_on)(struct child *c); /* instead: the name of a domain follows */
	const char *about;
} commands[] = {
        {"help", help, NULL, "this list"},
        {"show version", show_version, NULL, "what runs here"},
        {"show domains", show_domains, NULL, "core, state and frames of every domain"},
        {"show counters", show_counters, NULL, "what every domain counts"},
        {"show frames", show_frames, NULL, "where the frames are"},
        {"show config", show_config, NULL, "the configuration as it was read"},
        {"kill", NULL, kill, "end a domain; it comes back by its restart policy"},
        {"start", NULL, start, "start a domain that is down"},
        {"poweroff", power_off, NULL, "end the machine"},
        {"reset", reset, NULL, "start the machine anew"},
};
#define COMMANDS (sizeof commands / sizeof commands[0])

static void help(void)
{
	char words[24];

	for (size_t i = 0; i < COMMANDS; i++) {
		snprintf(words, sizeof words, "%s%s", commands[i].words,
		         commands[i].run_on ? " NAME" : "");
		output_line("%-14s %s", words, commands[i].about);
	}
}

/* One blank between words, none around. */
static void squeeze(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (*from != ' ' || (to > text && to[-1] != ' '))
			*to++ = *from;
	if (to > text && to[-1] == ' ')
		to--;
	*to = 0;
}

static void run_on(void (*command)(struct child *c), const char *name)
{
	for (uint32_t i = 0; i < init.children_n; i++)
		if (strcmp(init.children[i].request.name, name) == 0) {
			command(&init.children[i]);
			return;
		}
	output_line("moxie: there is no domain '%s'", name);
}

static void run(void)
{
	squeeze(typed);
	if (!typed[0])
		return;
	for (size_t i = 0; i < COMMANDS; i++) {
		size_t n = strlen(commands[i].words);

		if (commands[i].run && strcmp(typed, commands[i].words) == 0) {
			commands[i].run();
			return;
		}
		if (commands[i].run_on && strncmp(typed, commands[i].words, n) == 0 &&
		    typed[n] == ' ') {
			run_on(commands[i].run_on, typed + n + 1);
			return;
		}
	}
	output_line("unknown command '%s', try help", typed);
}

/* The bytes of a typed line; at its end it is run. */
static void hear_byte(char c)
{
	if (c != '\n') {
		if (typed_n < TYPED - 1)
			typed[typed_n++] = c;
		else
			too_long = true;
		return;
	}
	typed[typed_n] = 0;
	typed_n = 0;
	if (too_long)
		output_line("command too long");
	else
		run();
	too_long = false;
}

static void turn_job(void)
{
	while (job && output_takes(ROOM)) {
		enum progress progress = job();

		if (progress == WAIT)
			return;
		if (progress == DONE)
			job = NULL;
	}
}

/* A typed line ends with the last byte of its last piece, so no byte of another follows it. */
void command_turn(void)
{
	struct mx_line piece;

	for (;;) {
		turn_job();
		if (job || !output_hear(&piece))
			return;
		for (uint32_t i = 0; i < piece.length && i < sizeof piece.text; i++)
			hear_byte(piece.text[i]);
	}
}

/*
 * Commands typed on the console.
 *
 * A command that says much is a job: it goes on, line by line, while the console's queue has
 * room, and the next typed line waits for its end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <moxie/slots.h>
#include "init/init.h"

#define TYPED      256u
#define ROOM       640u         /* of the queue, for one step of a job */
#define LAST_WORDS (50 * MX_MS) /* for the 8 KiB the console may still hold */

static char typed[TYPED];
static uint32_t typed_n;
static bool too_long;
static job_step *job;
static uint32_t job_at;
static enum mx_power power_how;
static uint64_t power_at; /* ns; 0: not before everything is out */
static uint64_t exit_at;

static void help(void);

static void start_job(job_step *new_job)
{
	job = new_job;
	job_at = 0;
}

/* What was said goes out first: init's own part is waited for, the console's is given time. */
static enum progress power_job(uint32_t *at)
{
	int64_t error;

	(void)at;
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

/* Its successor finds everybody where they are. */
static enum progress exit_job(uint32_t *at)
{
	(void)at;
	if (!output_drained() && mx_now() < exit_at) {
		mx_wake_at(mx_now() + LAST_WORDS / 10);
		return WAIT;
	}
	mx_exit(0);
}

static void restart_init(void)
{
	exit_at = mx_now() + LAST_WORDS;
	start_job(exit_job);
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

/* CORE [hang] */
static bool fail(const char *words)
{
	char *end;
	unsigned long core = strtoul(words, &end, 10);
	bool hang = strcmp(end, " hang") == 0;
	int64_t error;

	if (end == words || (*end && !hang) || core >= mx_boot->cores)
		return false;
	output_line("moxie: core %lu is made to %s", core, hang ? "hang" : "fail");
	output_turn();
	error = mx_trap(MX_TRAP_SPAWN, MX_SPAWN_BREAK, core | (hang ? MX_BREAK_HANG : 0), 0);
	if (error == MX_EPEER)
		output_line("moxie: core %lu is lost already", core);
	else if (error < 0)
		output_line("moxie: no core can be lost alone here");
	return true;
}

static const struct {
	const char *words; /* and one of these: */
	void (*run)(void);
	job_step *job;
	void (*run_on)(struct child *c);                      /* the name of a domain follows */
	bool (*run_with)(struct child *c, const char *words); /* and these: */
	bool (*run_words)(const char *words); /* these follow; false: they are wrong */
	const char *about;
} commands[] = {
        {.words = "help", .run = help, .about = "this list"},
        {.words = "show version", .run = show_version, .about = "what runs here"},
        {.words = "show domains",
         .job = show_domains,
         .about = "core, state and frames of every domain"},
        {.words = "show counters", .job = show_counters, .about = "what every domain counts"},
        {.words = "show frames", .job = show_frames, .about = "where the frames are"},
        {.words = "show machine",
         .job = show_machine,
         .about = "what the machine is made of, what lives where"},
        {.words = "show config", .job = show_config, .about = "the configuration as it was read"},
        {.words = "kill",
         .run_on = kill,
         .about = "end a domain; it comes back by its restart policy"},
        {.words = "restart init",
         .run = restart_init,
         .about = "begin init anew; what runs goes on"},
        {.words = "start", .run_on = start, .about = "start a domain that is down"},
        {.words = "move",
         .run_with = move_command,
         .about = "have a domain go on on another core: CORE [copy]"},
        {.words = "break",
         .run_words = fail,
         .about = "have an executive fail, for a test: CORE [hang]"},
        {.words = "poweroff", .run = power_off, .about = "end the machine"},
        {.words = "reset", .run = reset, .about = "start the machine anew"},
};
#define COMMANDS (sizeof commands / sizeof commands[0])

static void help(void)
{
	char words[24];

	for (size_t i = 0; i < COMMANDS; i++) {
		snprintf(words, sizeof words, "%s%s", commands[i].words,
		         commands[i].run_on || commands[i].run_with ? " NAME" : "");
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

static struct child *find(const char *name, size_t length)
{
	for (uint32_t i = 0; i < init.children_n; i++) {
		const char *own = init.children[i].request.name;

		if (strlen(own) == length && memcmp(own, name, length) == 0)
			return &init.children[i];
	}
	output_line("moxie: there is no domain '%.*s'", (int)length, name);
	return NULL;
}

static void run_on(void (*command)(struct child *c), const char *name)
{
	struct child *c = find(name, strlen(name));

	if (c)
		command(c);
}

/* True: the name is none, or all was right. */
static bool run_with(bool (*command)(struct child *c, const char *more), const char *name)
{
	size_t length = strcspn(name, " ");
	struct child *c = name[length] ? find(name, length) : NULL;

	return name[length] && (!c || command(c, name + length + 1));
}

/* True: it was command i. */
static bool run_one(size_t i)
{
	size_t n = strlen(commands[i].words);

	if (strncmp(typed, commands[i].words, n) != 0)
		return false;
	if (commands[i].run_on && typed[n] == ' ')
		run_on(commands[i].run_on, typed + n + 1);
	else if (commands[i].run_words && typed[n] == ' ')
		return commands[i].run_words(typed + n + 1);
	else if (commands[i].run_with && typed[n] == ' ')
		return run_with(commands[i].run_with, typed + n + 1);
	else if (commands[i].run && !typed[n])
		commands[i].run();
	else if (commands[i].job && !typed[n])
		start_job(commands[i].job);
	else
		return false;
	return true;
}

static void run(void)
{
	squeeze(typed);
	if (!typed[0])
		return;
	for (size_t i = 0; i < COMMANDS; i++)
		if (run_one(i))
			return;
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
		enum progress progress = job(&job_at);

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

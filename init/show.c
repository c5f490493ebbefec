/*
 * What the console's `show` prints, a step at a time.
 *
 * Each is a job of command.c: `at` is 0 at first and then the job's own.
 */
#include <string.h>
#include "init/init.h"

void show_version(void)
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
enum progress show_domains(uint32_t *at)
{
	static const char *const lives[] = {"absent", "created", "starting", "ready", "ended"};
	uint32_t i = *at - mx_boot->cores, core = (*at)++;
	const struct child *c;
	struct mx_stat stat = {0};
	char last[96] = "none";

	if (core < mx_boot->cores) {
		if (stat_of(core, 0, &stat))
			output_line(
			        "core %u up %llu us idle %llu us switches %lu memory %lu free %lu",
			        core, mx_now() / MX_US, stat.idle_ns / MX_US, stat.switches,
			        stat.memory, stat.memory_free);
		else
			output_line("core %u lost", core);
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
enum progress show_frames(uint32_t *at)
{
	uint32_t i = *at - mx_boot->cores, core = (*at)++;
	struct mx_stat stat = {0};

	if (core < mx_boot->cores) {
		if (stat_of(core, 0, &stat))
			output_line("frames core %u pool %u free %u", core, stat.pool,
			            stat.pool_free);
		else
			output_line("frames core %u lost", core);
		if (stat.held || stat.quarantined)
			output_line("frames of lost cores on core %u held %u quarantined %u", core,
			            stat.held, stat.quarantined);
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

/* To a reader of the counters there is one router. */
static uint32_t restarts_of(const struct child *c)
{
	uint32_t sum = 0;

	if (c->role != ROLE_ROUTER)
		return c->restarts;
	for (uint32_t i = 0; i < init.children_n; i++)
		sum += init.children[i].role == ROLE_ROUTER ? init.children[i].restarts : 0;
	return sum;
}

/* Restarts are init's to count; the rest the domains are asked for. */
static void begin_counters(void)
{
	for (uint32_t i = 0; i < init.children_n; i++) {
		const struct child *c = &init.children[i];

		if (c->role != ROLE_ROUTER || !c->pair)
			output_line("counter %s restarts %u", c->request.name, restarts_of(c));
	}
	counters_ask();
}

enum progress show_counters(uint32_t *at)
{
	if ((*at)++ == 0)
		begin_counters();
	if (counters_busy())
		return WAIT;
	output_line("counters end");
	return DONE;
}

/* The text as it was found; the console replaces what a terminal must not see. */
enum progress show_config(uint32_t *at)
{
	const char *line, *end;
	uint32_t left = init.text_len - *at, n;

	if (*at == 0)
		output_line("config from %s", init.text_name ? init.text_name : "nowhere");
	if (!init.text || *at >= init.text_len) {
		output_line("config end");
		return DONE;
	}
	line = init.text + *at;
	end = memchr(line, '\n', left);
	n = end ? (uint32_t)(end - line) : left;
	output_line("%.*s", (int)n, line);
	*at += n + 1;
	return MORE;
}

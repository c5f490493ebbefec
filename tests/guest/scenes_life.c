/* How domains end, and what comes after them. */
#include "tests/guest/suite.h"

#define SPAWNS 1000u
#define BUSY   14u

/* Gate 0 to 255, each by `int n`: none is open to a domain. */
static const char *scene_interrupts(uint32_t core)
{
	for (uint32_t n = 0; n < 256; n++) {
		struct row row = {
		        .which = PROBE_INTERRUPT, .cause = MX_CAUSE_FAULT, .status = 13, .a = n};
		const char *why = row_run(&row, core);

		if (why)
			return because("int %u: %s", n, why);
	}
	return NULL;
}

static const char *scene_kill(uint32_t core)
{
	struct row row = {.which = PROBE_WAIT, .cause = MX_CAUSE_KILLED};
	struct probe p;
	const char *why;

	NEED(probe_spawn(&p, core, &row));
	for (uint32_t i = 0; i < 5; i++)
		raw_yield();
	why = probe_end(&p);
	if (why)
		return why;
	NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, p.handle, 0) == MX_EINVAL);
	NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, p.handle, 0) == MX_EINVAL);
	return probe_judge(&p, &row);
}

/* Killed while it stands in the queue of those that are ready, and its place is used again. */
static const char *kill_ready(uint32_t core)
{
	struct row row = {.which = PROBE_WAIT, .cause = MX_CAUSE_KILLED, .options = UNBOUND};

	for (uint32_t i = 0; i < 100; i++) {
		struct probe p;
		const char *why;

		NEED(probe_spawn(&p, core, &row));
		NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, p.handle, 0) == MX_OK);
		why = probe_end(&p);
		why = why ? why : probe_judge(&p, &row);
		if (why)
			return why;
	}
	return NULL;
}

/* So many others are ready that its end is complete before its turn would come. */
static const char *scene_kill_ready(uint32_t core)
{
	static const struct row row = {
	        .which = PROBE_EXIT_LATE, .a = UINT32_MAX, .options = UNBOUND};
	struct probe busy[BUSY] = {0};
	const char *why = NULL, *late = NULL;

	for (uint32_t i = 0; i < BUSY && !why; i++)
		if (!probe_spawn(&busy[i], core, &row) ||
		    mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, busy[i].handle, 0) != MX_OK)
			why = "it cannot be spawned";
	why = why ? why : kill_ready(core);
	for (uint32_t i = 0; i < BUSY; i++) {
		if (!why && busy[i].ended)
			why = "one that was not killed ended";
		late = late ? late : probe_end(&busy[i]);
	}
	return why ? why : late;
}

static bool echo(struct probe *p, uint32_t frame)
{
	struct mx_msg m;

	raw_out(p->own_slot, frame, 0);
	if (raw_submit() != MX_OK)
		return false;
	while (!p->ended) {
		if (serve(&m, mx_now() + CASE_LIMIT / 4))
			return m.frame == frame;
		raw_pending = 0;
	}
	return false;
}

/* A peer ends with frames of ours, and another takes its place in the same slot. */
static const char *scene_rebind(uint32_t core)
{
	struct row row = {.which = PROBE_HOARD, .cause = MX_CAUSE_KILLED};
	struct row again = {.which = PROBE_STREAM_FRAMES, .cause = MX_CAUSE_KILLED};
	struct probe p;
	uint32_t frames[8];
	const char *why;

	NEED(probe_spawn(&p, core, &row));
	NEED(raw_take(frames, 8, mx_now() + MX_S) == 8);
	for (uint32_t i = 0; i < 8; i++)
		raw_out(SLOT_OWN, frames[i], 0);
	NEED(raw_submit() == MX_OK);
	raw_exchange(0, mx_now() + 5 * MX_MS);
	suite_gone = 0;
	why = probe_end(&p);
	if (why)
		return why;
	NEED(suite_gone >> SLOT_OWN & suite_gone >> SLOT_PLAIN & 1);
	suite_reset = 0; /* that of the first binding was collected with it */
	NEED(mx_boot->exchange->credit[SLOT_OWN] == 0 && !mx_boot->slots[SLOT_PLAIN].tx);
	raw_out(SLOT_OWN, MX_NOFRAME, 0);
	NEED(raw_submit() == MX_EPEER);
	NEED(probe_spawn(&p, core, &again));
	NEED(raw_take(frames, 1, mx_now() + MX_S) == 1);
	NEED(echo(&p, frames[0]));
	NEED(suite_reset >> SLOT_OWN & suite_reset >> SLOT_PLAIN & 1);
	raw_free(frames[0]);
	why = probe_end(&p);
	return why ? why : probe_judge(&p, &again);
}

/* One leaves its pattern in the registers, the other looks for it, in turns. */
static const char *scene_clean(uint32_t core)
{
	struct row dirt = {.which = PROBE_DIRTY};
	struct row look = {.which = PROBE_CLEAN, .options = SECOND};
	struct probe d = {0}, p = {0};
	const char *why = NULL, *late;

	if (!probe_spawn(&d, core, &dirt) || !probe_spawn(&p, core, &look))
		why = "it cannot be spawned";
	if (!why && !probe_wait(&p, mx_now() + CASE_LIMIT))
		why = "it hangs";
	if (!why && d.ended)
		why = "the other ended too";
	if (!why)
		why = probe_judge(&p, &look);
	late = probe_end(&d);
	late = late ? late : probe_end(&p);
	return why ? why : late;
}

static const char *scene_many(uint32_t core)
{
	static const struct row kinds[] = {
	        {.which = PROBE_EXIT, .status = 1, .a = 1},
	        {.which = PROBE_USE_SENT, .cause = MX_CAUSE_FAULT, .status = 14},
	        {.which = PROBE_SEND_TWICE},
	        {.which = PROBE_QUOTA},
	};

	for (uint32_t i = 0; i < SPAWNS; i++) {
		const char *why = row_run(&kinds[i % 16 ? i % 3 : 3], core);

		if (why)
			return because("spawn %u: %s", i, why);
	}
	return NULL;
}

const struct scene scenes_cpu[] = {{"software interrupts, all 256", scene_interrupts},
                                   {"nothing stays in the registers", scene_clean},
                                   {.name = NULL}};
const struct scene scenes_life[] = {{"kill", scene_kill},
                                    {"kill one that is ready to run", scene_kill_ready},
                                    {"a slot bound to a successor", scene_rebind},
                                    {"memory and frames of 1000 domains come home", scene_many},
                                    {.name = NULL}};

/* What is known of a domain afterwards, and how much wrong it may do before its end. */
#include "tests/guest/suite.h"

#define WRONG 50u /* things a probe may do wrong */

static const char *stat_of(const struct probe *p, struct mx_stat *s)
{
	*s = (struct mx_stat){.child = p->handle};
	NEED(suite_spawn(MX_SPAWN_STAT, s) == MX_OK);
	return NULL;
}

/* One that works, and then waits until it is killed. */
static const char *figures_of_living(struct probe *p)
{
	struct mx_stat now, then;
	const char *why = stat_of(p, &now);

	if (why)
		return why;
	NEED(!now.ended && now.lived_ns && now.lived_ns < 100 * MX_S);
	raw_exchange(0, mx_now() + 2 * MX_MS);
	why = stat_of(p, &now);
	why = why ? why : probe_end(p);
	why = why ? why : stat_of(p, &then);
	if (why)
		return why;
	NEED(then.ended == 1 && then.cause == MX_CAUSE_KILLED && then.status == 0);
	NEED(then.lived_ns >= now.lived_ns && then.ran_ns >= now.ran_ns && now.ran_ns);
	NEED(then.ran_ns < then.lived_ns && then.held == p->end.frames);
	raw_exchange(0, mx_now() + 2 * MX_MS);
	why = stat_of(p, &now);
	NEED(!why && now.lived_ns == then.lived_ns); /* the last figures stay */
	return NULL;
}

static const char *scene_figures(uint32_t core)
{
	static const struct row row = {.which = PROBE_WAIT};
	struct probe p;
	const char *why, *late;

	NEED(probe_spawn(&p, core, &row));
	why = figures_of_living(&p);
	late = probe_end(&p);
	return why ? why : late;
}

/* Address, instruction and error code are told in full. */
static const char *scene_fault_figures(uint32_t core)
{
	static const struct row row = {.which = PROBE_ADDRESS,
	                               .cause = MX_CAUSE_FAULT,
	                               .status = 14,
	                               .a = ACCESS_WRITE,
	                               .b = 0x123456789000};
	struct probe p;
	struct mx_stat s;
	const char *why;

	NEED(probe_spawn(&p, core, &row));
	NEED(probe_wait(&p, mx_now() + CASE_LIMIT));
	why = probe_judge(&p, &row);
	why = why ? why : stat_of(&p, &s);
	if (why)
		return why;
	NEED(s.ended && s.cause == MX_CAUSE_FAULT && s.status == 14 && s.code == 6);
	NEED(s.address == row.b && p.end.address == (uint32_t)row.b);
	NEED(s.rip >> 12 && (uint32_t)s.rip == p.end.rip);
	return NULL;
}

/* Figures stay until the record is wanted for another child, which the oldest gives up first. */
static const char *scene_records(uint32_t core)
{
	static const struct row row = {.which = PROBE_EXIT, .status = 7, .a = 7};
	uint32_t first = 0;
	struct mx_stat s;

	for (uint32_t i = 0; i < 300; i++) {
		struct probe p;

		NEED(probe_spawn(&p, core, &row) && probe_wait(&p, mx_now() + CASE_LIMIT));
		NEED(!stat_of(&p, &s) && s.ended && s.cause == MX_CAUSE_EXIT && s.status == 7);
		if (!first)
			first = p.handle;
	}
	s = (struct mx_stat){.child = first};
	NEED(suite_spawn(MX_SPAWN_STAT, &s) == MX_EINVAL);
	return NULL;
}

static const char *wrong(uint32_t core, enum wrong what, uint32_t times, uint32_t cause)
{
	static struct mx_spawn q;
	struct row row = {.which = PROBE_WRONG,
	                  .a = what,
	                  .b = times,
	                  .cause = (uint8_t)cause,
	                  .status = cause == MX_CAUSE_MISUSE ? WRONG + 1 : 0};
	struct probe p;
	const char *why;

	suite_request(&q, core, &row);
	q.misuse = WRONG;
	NEED(probe_create(&p, &q, &row));
	if (!probe_wait(&p, mx_now() + CASE_LIMIT))
		return probe_end(&p) ? "no end" : "it hangs";
	why = probe_judge(&p, &row);
	return why ? because("wrong thing %u, %u times: %s", what, times, why) : NULL;
}

static const char *scene_misuse(uint32_t core)
{
	for (uint32_t what = 0; what < WRONG_KINDS; what++) {
		const char *why = wrong(core, what, WRONG, MX_CAUSE_EXIT);

		why = why ? why : wrong(core, what, WRONG + 1, MX_CAUSE_MISUSE);
		if (why)
			return why;
	}
	return NULL;
}

/* Without a word in the request there is a limit, too. */
static const char *scene_misuse_default(uint32_t core)
{
	static struct mx_spawn q;
	struct row row = {.which = PROBE_WRONG,
	                  .a = WRONG_TRAP,
	                  .b = 1001,
	                  .cause = MX_CAUSE_MISUSE,
	                  .status = 1001};
	struct probe p;

	suite_request(&q, core, &row);
	q.misuse = 0;
	NEED(probe_create(&p, &q, &row));
	if (!probe_wait(&p, mx_now() + CASE_LIMIT))
		return probe_end(&p) ? "no end" : "it hangs";
	return probe_judge(&p, &row);
}

/* A parent ends while its children are asked for, made, started, killed; on either core. */
static const char *scene_parents(uint32_t core)
{
	struct row row = {.which = PROBE_SPAWNER, .options = PARENT | UNBOUND};
	uint64_t image, length;

	NEED(image_find("domains/probe.elf", &image, &length));
	row.a = (uint32_t)image;
	for (uint32_t i = 0; i < 60; i++) {
		struct probe p;

		row.b = length << 8 | (i & 1 ? core : mx_boot->cores - 1 - core);
		NEED(probe_spawn(&p, core, &row));
		NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, p.handle, 0) == MX_OK);
		raw_exchange(0, mx_now() + i * 50 * MX_MS / 1000);
		if (p.ended || probe_end(&p))
			return "no end";
		NEED(p.end.cause == MX_CAUSE_KILLED);
		NEED(!home_check());
	}
	return NULL;
}

/* The second word comes while the first is carried out, or when nothing is left to kill. */
static const char *scene_kill_twice(uint32_t core)
{
	static const struct row row = {.which = PROBE_WAIT, .options = UNBOUND};

	for (uint32_t i = 0; i < 50; i++) {
		struct probe p;
		int64_t again;

		NEED(probe_spawn(&p, core, &row));
		if (i & 1)
			NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, p.handle, 0) == MX_OK);
		NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, p.handle, 0) == MX_OK);
		again = mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, p.handle, 0);
		NEED(again == MX_EINVAL || again == MX_EPEER);
		again = mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, p.handle, 0);
		NEED(again == MX_EINVAL || again == MX_EPEER);
		NEED(probe_wait(&p, mx_now() + CASE_LIMIT / 4));
		NEED(p.end.cause == MX_CAUSE_KILLED);
	}
	return NULL;
}

const struct scene scenes_end[] = {{"parents that end in the middle of a spawn", scene_parents},
                                   {"killed twice", scene_kill_twice},
                                   {"figures of a child, alive and afterwards", scene_figures},
                                   {"figures of a fault", scene_fault_figures},
                                   {"figures of the last, not of the first", scene_records},
                                   {"what a domain may do wrong", scene_misuse},
                                   {"what it may do wrong by default", scene_misuse_default},
                                   {.name = NULL}};

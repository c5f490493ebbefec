/* Bindings in bad moments: successors, peers that end meanwhile, cores that do not listen. */
#include "tests/guest/suite.h"

static const char *flood_end(struct probe *p, uint32_t most)
{
	NEED(p->ended && p->end.cause == MX_CAUSE_EXIT);
	if (p->end.status > most)
		return because("%u messages went where %u have room", p->end.status, most);
	return NULL;
}

/* What the first left behind is collected after its end; the second gets no credit for it. */
static const char *scene_successor(uint32_t core)
{
	struct row row = {.which = PROBE_FLOOD};
	struct probe p;

	for (uint32_t i = 0; i < 3; i++) {
		uint64_t deadline = mx_now() + CASE_LIMIT / 4;

		NEED(probe_spawn(&p, core, &row));
		while (mx_boot->exchange->credit[SLOT_OWN] && mx_now() < deadline)
			raw_yield();
		if (probe_end(&p) || flood_end(&p, OWN_DEPTH))
			return flood_end(&p, OWN_DEPTH);
		NEED(p.end.status == OWN_DEPTH);
	}
	return NULL;
}

static bool bind(struct probe *a, struct probe *b, int64_t *result)
{
	struct mx_bind q = {a->handle, SLOT_OWN, b->handle, SLOT_OWN};

	*result = suite_spawn(MX_SPAWN_BIND, &q);
	return *result == MX_OK;
}

static bool start(struct probe *p)
{
	return mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, p->handle, 0) == MX_OK;
}

/* The other has ended, but its parent has not heard of it. */
static const char *bind_to_dead(struct probe *p, struct probe *dead)
{
	int64_t result;

	NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, dead->handle, 0) == MX_OK);
	NEED(!bind(p, dead, &result) && (result == MX_EPEER || result == MX_EINVAL));
	NEED(probe_wait(dead, mx_now() + CASE_LIMIT / 4));
	NEED(start(p) && probe_wait(p, mx_now() + CASE_LIMIT / 4));
	return flood_end(p, 0);
}

static const char *with_two(const char *(*play)(struct probe *, struct probe *), uint32_t a_core,
                            uint32_t b_core, const struct row *b_row)
{
	struct row flood = {.which = PROBE_FLOOD, .options = UNBOUND | DEEP};
	struct probe a = {0}, b = {0};
	const char *why = NULL, *late;

	if (!probe_spawn(&a, a_core, &flood) || !probe_spawn(&b, b_core, b_row))
		why = "it cannot be spawned";
	if (!why)
		why = play(&a, &b);
	late = probe_end(&a);
	late = late ? late : probe_end(&b);
	return why ? why : late;
}

static const char *scene_dead(uint32_t core)
{
	static const struct row row = {.which = PROBE_WAIT, .options = UNBOUND | DEEP};
	const char *why = with_two(bind_to_dead, core, core, &row);

	why = why ? why : with_two(bind_to_dead, mx_boot->core, core, &row);
	return why ? why : with_two(bind_to_dead, core, mx_boot->core, &row);
}

/* A core that does not listen for a while has all its places for messages taken. */
static const char *fill(struct probe *p, struct probe *deaf)
{
	struct mx_stat s = {.child = deaf->handle};
	int64_t result;

	NEED(bind(p, deaf, &result));
	NEED(start(deaf));
	raw_exchange(0, mx_now() + 5 * MX_MS);
	NEED(start(p));
	raw_exchange(0, mx_now() + 20 * MX_MS);
	result = suite_spawn(MX_SPAWN_STAT, &s);
	NEED(result == MX_OK || result == MX_EPEER || result == MX_EINVAL);
	NEED(probe_wait(p, mx_now() + CASE_LIMIT / 4));
	NEED(probe_wait(deaf, mx_now() + CASE_LIMIT / 4));
	NEED(deaf->end.cause == MX_CAUSE_BUDGET);
	return flood_end(p, DEEPEST);
}

static const char *scene_deaf(uint32_t core)
{
	static const struct row row = {
	        .which = PROBE_SPIN, .options = UNBOUND | DEEP, .budget = 300};

	return with_two(fill, mx_boot->core, core, &row);
}

/* The first half of a bind has come to one end; the other has ended before its half came. */
static const char *notify_dead(struct probe *p, struct probe *dead)
{
	struct mx_bind q = {p->handle, SLOT_PLAIN, dead->handle, SLOT_PLAIN};
	int64_t result;

	NEED(start(p) && start(dead));
	do {
		result = suite_spawn(MX_SPAWN_BIND, &q);
		raw_yield();
	} while (result == MX_OK);
	NEED(result == MX_EPEER || result == MX_EINVAL);
	NEED(probe_wait(dead, mx_now() + CASE_LIMIT / 4));
	NEED(!p->ended);
	return NULL;
}

static const char *notify_dead_once(uint32_t core)
{
	static const struct row row = {.which = PROBE_NOTIFIER, .options = UNBOUND},
	                        brief = {.which = PROBE_EXIT, .options = UNBOUND};
	struct probe p = {0}, dead = {0};
	const char *why = NULL, *late;

	if (!probe_spawn(&p, core, &row) || !probe_spawn(&dead, core, &brief))
		why = "it cannot be spawned";
	why = why ? why : notify_dead(&p, &dead);
	late = probe_end(&dead);
	late = late ? late : probe_end(&p);
	return why ? why : late;
}

static const char *scene_notify_dead(uint32_t core)
{
	const char *why = NULL;

	for (uint32_t i = 0; i < 100 && !why; i++)
		why = notify_dead_once(core);
	return why;
}

static bool bind_own(struct probe *p, uint32_t core)
{
	static const struct row row = {.which = PROBE_WAIT, .options = UNBOUND};
	struct mx_bind q = {.a_slot = SLOT_OWN, .b = MX_SELF, .b_slot = SLOT_OWN};

	if (!probe_spawn(p, core, &row))
		return false;
	q.a = p->handle;
	return suite_spawn(MX_SPAWN_BIND, &q) == MX_OK && start(p);
}

/* What the suite had for the first must not go to the second, of which it has not heard. */
static const char *scene_unheard(uint32_t core)
{
	struct mx_exchange *x = mx_boot->exchange;
	struct mx_msg m;
	struct probe p;
	const char *why;

	NEED(bind_own(&p, core) && !probe_end(&p) && bind_own(&p, core));
	suite_reset = 0;
	raw_out(SLOT_OWN, MX_NOFRAME, 0);
	why = raw_submit() == MX_ECREDIT && !x->credit[SLOT_OWN] ? NULL : "it could speak";
	while (!(suite_reset >> SLOT_OWN & 1) && !serve(&m, mx_now() + CASE_LIMIT / 4))
		;
	if (!why && x->credit[SLOT_OWN] != OWN_DEPTH)
		why = "its credit is not right";
	return probe_end(&p) ? "no end" : why;
}

/* `p` goes from one living peer to the other and back, until it ends by itself. */
static const char *replace(struct probe *p, const struct probe peers[2])
{
	int64_t result = MX_OK;
	uint32_t n = 0;

	NEED(start(p));
	for (; n < 200000 && result == MX_OK; n++) {
		uint32_t slot = n & 2 ? SLOT_OWN : SLOT_PLAIN;
		struct mx_bind q = {p->handle, slot, peers[n & 1].handle, slot};

		result = suite_spawn(MX_SPAWN_BIND, &q);
		for (uint32_t i = 0; n > 20 && i < 10; i++)
			raw_yield(); /* it has its turns where the suite lives, too */
	}
	/* A host may not run this thread while the other lives. */
	if (n <= (is_machine() ? 4u : 0u) || (result != MX_EPEER && result != MX_EINVAL))
		return because("bind %u: %ld", n, (long)result);
	NEED(probe_wait(p, mx_now() + CASE_LIMIT / 4));
	return NULL;
}

static const char *replace_often(uint32_t core, const struct probe peers[2])
{
	static const struct row brief = {
	        .which = PROBE_EXIT_LATE, .options = UNBOUND, .a = 20000, .b = 20 * MX_MS};
	const char *why = NULL;

	for (uint32_t i = 0; i < 10 && !why; i++) {
		struct probe p;
		const char *late;

		NEED(probe_spawn(&p, core, &brief));
		why = replace(&p, peers);
		late = probe_end(&p);
		why = why ? why : late;
	}
	return why;
}

/* The peers live on another core where there is one. */
static const char *scene_replace(uint32_t core)
{
	static const struct row row = {.which = PROBE_WAIT, .options = UNBOUND};
	struct probe peers[2] = {0};
	const char *why = NULL, *late;

	for (uint32_t i = 0; i < 2 && !why; i++)
		if (!probe_spawn(&peers[i], mx_boot->cores - 1 - core, &row) || !start(&peers[i]))
			why = "it cannot be spawned";
	why = why ? why : replace_often(core, peers);
	for (uint32_t i = 0; i < 2; i++) {
		late = probe_end(&peers[i]);
		why = why ? why : late;
	}
	return why;
}

const struct scene scenes_bind[] = {
        {"no credit for what a predecessor sent", scene_successor},
        {"a bind to one that has ended", scene_dead},
        {"a core that does not listen", scene_deaf},
        {"living peers replaced", scene_replace},
        {"nothing for a successor not heard of", scene_unheard},
        {"notifications for a peer that ended while it was bound", scene_notify_dead},
        {.name = NULL}};

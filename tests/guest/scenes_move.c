/*
 * Domains move from core to core while they talk: nothing is lost, doubled or reordered, and all of
 * it is home in the end, whoever ends in the middle.
 *
 * Each round goes through all cores, so a channel is within a core, then across, then back.
 */
#include "tests/guest/suite.h"

#define MOVES   60u /* of each domain of a scene */
#define BETWEEN 50u /* messages from one move to the next */
#define KILLS   30u
#define HOARD   (QUOTA / 2) /* frames */
#define PATIENT (mx_now() + CASE_LIMIT / 4)

struct walker {
	struct probe p;
	uint32_t core;
	uint32_t flags; /* of its moves */
	uint32_t moves;
};

static const struct row well = {.cause = MX_CAUSE_EXIT};

static int64_t move_to(struct walker *w, uint32_t core)
{
	struct mx_move m = {.child = w->p.handle, .core = core, .flags = w->flags};
	uint64_t deadline = PATIENT;
	int64_t result;

	while ((result = suite_spawn(MX_SPAWN_MOVE, &m)) == MX_EBUSY && mx_now() < deadline)
		raw_yield();
	if (result == MX_OK) {
		w->core = core;
		w->moves++;
	}
	return result;
}

static int64_t move_on(struct walker *w)
{
	return move_to(w, (w->core + 1) % mx_boot->cores);
}

/* Words both ways with the suite, whose rings are filled while it waits for the end of a move. */
static const char *words(struct walker *w, uint32_t n)
{
	uint64_t sent = 0, taken = 0;
	struct guest_word word;

	while (sent < n || taken < n) {
		uint64_t before = sent + taken;

		while (guest_word_recv(&w->p.plain, &word))
			NEED(word.seq == taken++ && word.more[6] == ~word.seq);
		while (sent < n - (w->moves < MOVES)) { /* it does not end before the last */
			word = (struct guest_word){.seq = sent, .more[6] = ~sent};
			if (!guest_word_try_send(&w->p.plain, &word))
				break;
			sent++;
		}
		if (w->moves < MOVES && w->moves <= taken / BETWEEN)
			NEED(move_on(w) == MX_OK);
		if (before == sent + taken)
			NEED(raw_wait(SLOT_PLAIN, PATIENT));
	}
	NEED(w->p.plain.end.lies == 0);
	NEED(probe_wait(&w->p, PATIENT));
	return probe_judge(&w->p, &well);
}

static const char *plain(uint32_t core, uint32_t flags)
{
	struct row row = {.which = PROBE_STREAM, .a = MOVES * BETWEEN};
	struct walker w = {.core = core, .flags = flags};
	const char *why, *late;

	NEED(probe_spawn(&w.p, core, &row));
	why = words(&w, row.a);
	late = probe_end(&w.p);
	return why ? why : late;
}

/* Domains of a process stay at their addresses. */
static uint32_t copy(void)
{
	return is_machine() ? MX_MOVE_COPY : 0;
}

static const char *scene_plain(uint32_t core)
{
	const char *why = plain(core, 0);

	return why ? why : plain(core, copy());
}

/* Two probes with a channel of one kind, the first bound to the suite, too, which stops it. */
static bool join(struct walker w[2], uint32_t slot, const struct row rows[2])
{
	struct mx_bind stop = {.a_slot = SLOT_OWN, .b = MX_SELF, .b_slot = SLOT_OWN};
	struct mx_bind pair = {.a_slot = slot, .b_slot = slot};
	bool good;

	for (uint32_t i = 0; i < 2; i++)
		if (!probe_spawn(&w[i].p, w[i].core, &rows[i]))
			return false;
	stop.a = pair.a = w[0].p.handle;
	pair.b = w[1].p.handle;
	good = suite_spawn(MX_SPAWN_BIND, &pair) == MX_OK &&
	       suite_spawn(MX_SPAWN_BIND, &stop) == MX_OK;
	raw_collect();
	for (uint32_t i = 2; good && i--;)
		good = mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, w[i].p.handle, 0) == MX_OK;
	return good;
}

/* Which of them ended, and how. */
static const char *told(struct walker w[2])
{
	raw_collect();
	for (uint32_t n = 0; n < 2; n++)
		if (probe_wait(&w[n].p, mx_now() + 10 * MX_MS))
			return because("probe %u: line %u", n, w[n].p.end.status);
	return "none ended";
}

static const char *wander(struct walker w[2])
{
	for (uint32_t i = 0; i < 2 * MOVES; i++) {
		int64_t result = move_on(&w[i % 3 == 2]); /* not in step */

		if (result != MX_OK)
			return because("move %u of probe %u: %ld; %s", i, i % 3 == 2, (long)result,
			               told(w));
		raw_exchange(0, mx_now() + 200 * MX_US); /* they have their turns here, too */
		for (uint32_t n = 0; n < 2; n++)
			if (w[n].p.ended)
				return because("move %u: %s", i, told(w));
	}
	raw_out(SLOT_OWN, MX_NOFRAME, 0);
	NEED(raw_submit() == MX_OK);
	for (uint32_t i = 0; i < 2; i++) {
		const char *why;

		NEED(probe_wait(&w[i].p, PATIENT));
		if ((why = probe_judge(&w[i].p, &well)))
			return because("probe %u: %s", i, why);
	}
	return NULL;
}

static const char *two(uint32_t core, uint32_t slot, uint32_t flags, const struct row rows[2])
{
	struct walker w[2] = {{.core = core, .flags = flags},
	                      {.core = mx_boot->cores - 1, .flags = flags}};
	const char *why = join(w, slot, rows) ? wander(w) : "it cannot be spawned", *late;

	for (uint32_t i = 0; i < 2; i++)
		if ((late = probe_end(&w[i].p)) && !why)
			why = late;
	return why;
}

static const char *scene_talk(uint32_t core)
{
	static const struct row rows[2] = {{.which = PROBE_TALK, .options = UNBOUND},
	                                   {.which = PROBE_TALK, .options = UNBOUND}};
	const char *why = two(core, SLOT_PLAIN, 0, rows);

	return why ? why : two(core, SLOT_PLAIN, copy(), rows);
}

static const char *trips(uint32_t core, uint32_t chain, uint32_t flags)
{
	const struct row rows[2] = {{.which = PROBE_TRIPS, .a = chain, .options = UNBOUND},
	                            {.which = PROBE_ECHO, .options = UNBOUND}};

	return two(core, SLOT_SIDE, flags, rows);
}

static const char *scene_trips(uint32_t core)
{
	const char *why = trips(core, 1, 0);

	return why ? why : trips(core, 1, copy());
}

static const char *scene_chains(uint32_t core)
{
	const char *why = trips(core, 3, 0);

	return why ? why : trips(core, 3, copy());
}

/* Frames that it holds go with it, and so does what it was sent and has not collected. */
static const char *keeps(struct walker *w)
{
	for (uint32_t i = 0; i < HOARD; i++) {
		uint64_t deadline = PATIENT;
		uint32_t frame;

		NEED(raw_take(&frame, 1, PATIENT) == 1);
		while (!mx_boot->exchange->credit[SLOT_OWN] && mx_now() < deadline)
			raw_yield();
		raw_out(SLOT_OWN, frame, 0);
		NEED(raw_submit() == MX_OK);
		if (i % 2)
			NEED(move_on(w) == MX_OK);
	}
	for (uint32_t n = 0; n < mx_boot->cores; n++) {
		struct mx_stat s = {.core = 0, .child = w->p.handle};

		NEED(move_on(w) == MX_OK);
		NEED(suite_spawn(MX_SPAWN_STAT, &s) == MX_OK && !s.ended);
		NEED(s.held == HOARD && s.bad == 0);
	}
	raw_out(SLOT_OWN, MX_NOFRAME, 0);
	NEED(raw_submit() == MX_OK);
	NEED(probe_wait(&w->p, PATIENT) && w->p.end.frames == HOARD);
	return probe_judge(&w->p, &well);
}

static const char *scene_keeps(uint32_t core)
{
	static const struct row row = {.which = PROBE_HOARD};

	for (uint32_t i = 0; i < 2; i++) {
		struct walker w = {.core = core, .flags = i ? copy() : 0};
		const char *why, *late;

		NEED(probe_spawn(&w.p, core, &row));
		why = keeps(&w);
		late = probe_end(&w.p);
		if (why || late)
			return why ? why : late;
	}
	return NULL;
}

/* Its own end comes at any moment of a move: the move says so, or has been quicker. */
static const char *moved_to_death(uint32_t core, uint32_t after, uint32_t flags)
{
	struct row row = {.which = PROBE_EXIT_LATE, .a = after, .options = UNBOUND};
	struct walker w = {.core = core, .flags = flags};
	uint64_t deadline = PATIENT;
	int64_t result = MX_OK;

	NEED(probe_spawn(&w.p, core, &row));
	NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, w.p.handle, 0) == MX_OK);
	while (result == MX_OK && mx_now() < deadline) {
		result = move_on(&w);
		raw_yield();
	}
	if (result != MX_EPEER && result != MX_EINVAL) {
		probe_end(&w.p);
		return because("after %u: %ld", after, (long)result);
	}
	NEED(probe_wait(&w.p, PATIENT));
	return probe_judge(&w.p, &well);
}

static const char *scene_death(uint32_t core)
{
	const char *why = NULL;

	for (uint32_t i = 0; i < KILLS && !why; i++)
		why = moved_to_death(core, 1 + i * i, i % 2 ? copy() : 0);
	return why;
}

/* The peer ends while the other is moved: one of the two is killed, or ends itself. */
static const char *peer_ends(uint32_t core, uint32_t round)
{
	static const struct row rows[2] = {
	        {.which = PROBE_TRIPS, .a = 1, .options = UNBOUND, .cause = MX_CAUSE_KILLED},
	        {.which = PROBE_ECHO, .options = UNBOUND}};
	struct walker w[2] = {{.core = core}, {.core = mx_boot->cores - 1}};
	const char *why = NULL, *late = NULL;

	if (!join(w, SLOT_SIDE, rows))
		why = "it cannot be spawned";
	for (uint32_t i = 0; !why && i < 2 + round % 5; i++)
		why = move_on(&w[i % 2]) == MX_OK ? NULL : "it is not moved";
	for (uint32_t i = 0; i < 2; i++) { /* none waits for the end of the other */
		struct probe *p = &w[(i + round) % 2].p;

		if (p->handle && mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, p->handle, 0) != MX_OK)
			why = "it is not killed";
		if (!why && i == 0 && move_on(&w[(1 + round) % 2]) != MX_OK)
			why = "the other is not moved";
	}
	for (uint32_t i = 0; i < 2; i++)
		if (!probe_wait(&w[i].p, PATIENT))
			late = "no end";
	return why ? why : late;
}

static const char *scene_peer(uint32_t core)
{
	const char *why = NULL;

	for (uint32_t i = 0; i < KILLS && !why; i++)
		why = peer_ends(core, i);
	return why;
}

/* The parent is killed while it waits for the end of a move. */
static const char *scene_parent(uint32_t core)
{
	for (uint32_t i = 0; i < KILLS; i++) {
		struct row row = {.which = PROBE_MOVER,
		                  .cause = MX_CAUSE_KILLED,
		                  .options = PARENT | UNBOUND};
		static struct mx_spawn q;
		struct probe p;
		const char *why;

		suite_request(&q, core, &row);
		row.a = (uint32_t)q.image;
		row.b = q.image_len;
		NEED(probe_spawn(&p, core, &row));
		NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, p.handle, 0) == MX_OK);
		raw_exchange(0, mx_now() + MX_MS + i * 100 * MX_US);
		why = probe_end(&p);
		why = why ? why : probe_judge(&p, &row);
		why = why ? why : home_check();
		if (why)
			return because("kill %u: %s", i, why);
	}
	return NULL;
}

/* With a channel of which it has both ends, and one with the suite, whose core answers later. */
static bool spawn_self(struct walker *w)
{
	static const struct row row = {.which = PROBE_HALTED, .options = UNBOUND};
	static struct mx_spawn q;
	struct mx_bind both = {.a_slot = SLOT_SIDE, .b_slot = SLOT_SELF};

	suite_request(&q, w->core, &row);
	q.slots[SLOT_SELF] = q.slots[SLOT_SIDE];
	if (!probe_create(&w->p, &q, &row))
		return false;
	both.a = both.b = w->p.handle;
	return suite_spawn(MX_SPAWN_BIND, &both) == MX_OK && probe_bind(&w->p, 0) &&
	       mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, w->p.handle, 0) == MX_OK;
}

/* It is its own peer, and ends while the others are still asked to halt. */
static const char *scene_self(uint32_t core)
{
	uint32_t halted = 0;

	for (uint32_t i = 0; i < KILLS; i++) {
		struct walker w = {.core = core};

		NEED(spawn_self(&w));
		if (move_on(&w) == MX_OK)
			NEED(!probe_end(&w.p));
		else
			NEED(probe_wait(&w.p, PATIENT) && !probe_judge(&w.p, &well));
		halted += w.p.end.cause == MX_CAUSE_EXIT;
	}
	NEED(halted || core == 0); /* where the suite is, its answer comes at once */
	return NULL;
}

static const char *refusals(struct walker *w)
{
	struct mx_move good = {.child = w->p.handle, .core = w->core}, m = good;
	const uint64_t nowhere[] = {0, 1, 0xffffffffffffffff, 1ull << 46,
	                            (uint64_t)(uintptr_t)mx_boot};

	NEED(suite_spawn(MX_SPAWN_MOVE, &m) == MX_EINVAL); /* it was not started */
	NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, w->p.handle, 0) == MX_OK);
	for (uint32_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
		NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_MOVE, nowhere[i], 0) == MX_EINVAL);
	for (uint32_t bit = 0; bit < 32; bit++) {
		m = good;
		m.child = bit ? good.child + (1u << bit) : 0;
		NEED(suite_spawn(MX_SPAWN_MOVE, &m) == MX_EINVAL);
		m = good;
		m.core = mx_boot->cores | 1u << bit;
		NEED(suite_spawn(MX_SPAWN_MOVE, &m) == MX_EINVAL);
		m = good;
		m.flags = 1u << bit;
		NEED(bit == 0 || suite_spawn(MX_SPAWN_MOVE, &m) == MX_EINVAL);
	}
	m = good; /* to where it is: nothing to do */
	NEED(suite_spawn(MX_SPAWN_MOVE, &m) == MX_OK && m.pause_ns == 0);
	NEED(!probe_end(&w->p));
	NEED(suite_spawn(MX_SPAWN_MOVE, &m) == MX_EPEER);
	return NULL;
}

/* What names no child, core or kind of move; and a child that has ended. */
static const char *scene_refused(uint32_t core)
{
	static const struct row row = {.which = PROBE_WAIT, .options = UNBOUND};
	struct walker w = {.core = core};
	const char *why, *late;

	NEED(probe_spawn(&w.p, core, &row));
	why = refusals(&w);
	late = probe_end(&w.p);
	return why ? why : late;
}

/* Its children's channels are those of a core. */
static const char *scene_not_permitted(uint32_t core)
{
	static const struct row row = {.which = PROBE_WAIT, .options = PARENT};
	struct walker w = {.core = core};
	int64_t result;

	NEED(probe_spawn(&w.p, core, &row));
	result = move_on(&w);
	if (probe_end(&w.p))
		return "no end";
	return result == MX_EPERM ? NULL : because("%ld", (long)result);
}

const struct scene scenes_move[] = {{"words with one that is moved", scene_plain},
                                    {"words of two that are moved", scene_talk},
                                    {"frames of two that are moved", scene_trips},
                                    {"chains of two that are moved", scene_chains},
                                    {"what a moved one holds", scene_keeps},
                                    {"one that ends while it is moved", scene_death},
                                    {"one whose peer ends while it is moved", scene_peer},
                                    {"one whose parent ends while it is moved", scene_parent},
                                    {"one that talks to itself and ends", scene_self},
                                    {"moves of nothing to nowhere", scene_refused},
                                    {"who may not be moved", scene_not_permitted},
                                    {.name = NULL}};

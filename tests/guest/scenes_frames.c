/* Frames between several domains, in quantity. */
#include "tests/guest/suite.h"

#define FLIGHT  16u /* frames under way at once */
#define FRAMES  100000u
#define CHAIN   17u
#define TURNS   8u
#define SMALL   (QUOTA / 2) /* quota of one that can free all it holds in one exchange */
#define PATIENT (mx_now() + CASE_LIMIT / 4)

/* The next message with data of p; false when it does not come. */
static bool next(struct probe *p, struct mx_msg *m)
{
	uint64_t deadline = PATIENT;

	while (mx_now() < deadline && !p->ended) {
		if (serve(m, deadline))
			return true;
		raw_pending = 0;
	}
	return false;
}

static const char *finish(struct probe *p)
{
	static const struct row well = {.cause = MX_CAUSE_EXIT};

	raw_out(p->own_slot, MX_NOFRAME, 0);
	NEED(raw_submit() == MX_OK);
	NEED(probe_wait(p, PATIENT));
	return probe_judge(p, &well);
}

/* Each frame's own count says how often it came round; the bodies say in which order. */
static const char *round_trips(struct probe *p)
{
	uint32_t frames[FLIGHT], sent = 0, came = 0;
	struct mx_msg m;

	NEED(raw_take(frames, FLIGHT, PATIENT) == FLIGHT);
	for (; sent < FLIGHT; sent++) {
		*(uint64_t *)mx_frame(frames[sent]) = sent;
		raw_out(SLOT_OWN, frames[sent], 0)->body[0] = sent;
	}
	while (came < FRAMES) {
		NEED(next(p, &m));
		NEED(m.body[0] == came && *(uint64_t *)mx_frame(m.frame) == came + FRAMES);
		came++;
		if (sent == FRAMES) {
			raw_free(m.frame);
			continue;
		}
		*(uint64_t *)mx_frame(m.frame) = sent;
		raw_out(SLOT_OWN, m.frame, 0)->body[0] = sent++;
	}
	return finish(p);
}

static const char *send_chain(void)
{
	uint32_t frames[CHAIN];

	NEED(raw_take(frames, CHAIN, PATIENT) == CHAIN);
	for (uint32_t i = 0; i < CHAIN; i++) {
		struct mx_msg *m = raw_out(SLOT_OWN, frames[i], i + 1 < CHAIN ? MX_MORE : 0);

		*(uint64_t *)mx_frame(frames[i]) = i;
		m->length = (uint16_t)(100 + i);
		m->body[4] = i;
	}
	NEED(raw_submit() == MX_OK);
	return NULL;
}

static const char *chains(struct probe *p)
{
	for (uint32_t round = 0; round < 50; round++) {
		const char *why = send_chain();

		if (why)
			return why;
		for (uint32_t i = 0; i < CHAIN; i++) {
			struct mx_msg m;

			NEED(next(p, &m));
			NEED(m.flags == (i + 1 < CHAIN ? MX_MORE : 0) && m.length == 100 + i);
			NEED(m.body[4] == i && *(uint64_t *)mx_frame(m.frame) == i + 9);
			raw_free(m.frame);
		}
	}
	return finish(p);
}

static const char *with(const char *(*play)(struct probe *p), uint32_t core, uint64_t add)
{
	struct row row = {.which = PROBE_STREAM_FRAMES, .b = add};
	struct probe p;
	const char *why, *late;

	NEED(probe_spawn(&p, core, &row));
	why = play(&p);
	late = probe_end(&p);
	return why ? why : late;
}

static const char *scene_stream(uint32_t core)
{
	return with(round_trips, core, FRAMES);
}

static const char *scene_chains(uint32_t core)
{
	return with(chains, core, 9);
}

/*
 * Send p as many frames as it takes: at least so many, whatever time its core needs for them; and
 * what more it should not take.
 */
static uint32_t stuff(struct probe *p, uint32_t least)
{
	struct mx_exchange *x = mx_boot->exchange;
	uint64_t deadline = least ? PATIENT : mx_now() + 20 * MX_MS;
	uint32_t frame, n = 0;

	while (mx_now() < deadline) {
		if (!x->credit[p->own_slot]) {
			raw_yield();
			continue;
		}
		if (raw_take(&frame, 1, deadline) != 1)
			break;
		raw_out(p->own_slot, frame, 0);
		if (raw_submit() != MX_OK) {
			raw_free(frame);
			continue;
		}
		deadline = ++n < least ? PATIENT : mx_now() + 20 * MX_MS;
	}
	raw_yield();
	return n;
}

/* Tell it to free all it has: the credit comes back. */
static const char *relieve(struct probe *h)
{
	struct guest_word word = {0};

	NEED(guest_word_try_send(&h->plain, &word));
	do {
		mx_boot->exchange->thirst = 1ull << h->own_slot;
		NEED(raw_exchange(0, PATIENT) >= 0 && !h->ended);
	} while (mx_boot->exchange->credit[h->own_slot] < OWN_DEPTH);
	return NULL;
}

static const char *hoarder(struct probe *h, struct probe *other)
{
	struct mx_msg m;
	uint32_t n = stuff(h, QUOTA), frame;
	const char *why;

	/* Its quota, less what it owes to nobody: SLOT_SIDE is not bound. */
	NEED(n == QUOTA);
	NEED(stuff(h, 0) == 0);
	for (uint32_t i = 0; i < 1000; i++) { /* the other is not concerned */
		NEED(raw_take(&frame, 1, PATIENT) == 1);
		raw_out(other->own_slot, frame, 0);
		NEED(raw_submit() == MX_OK);
		NEED(next(other, &m) && m.frame == frame);
		raw_free(frame);
	}
	why = relieve(h);
	if (why)
		return why;
	NEED(stuff(h, QUOTA) == QUOTA);
	why = relieve(h);
	return why ? why : finish(h);
}

static const char *scene_hoarder(uint32_t core)
{
	struct row hoard = {.which = PROBE_HOARD};
	struct row stream = {.which = PROBE_STREAM_FRAMES, .options = SECOND};
	struct probe h, other = {0};
	const char *why = NULL, *late;

	if (!probe_spawn(&h, core, &hoard) || !probe_spawn(&other, core, &stream))
		why = "it cannot be spawned";
	if (!why)
		why = hoarder(&h, &other);
	late = probe_end(&h);
	late = late ? late : probe_end(&other);
	return why ? why : late;
}

static uint16_t credit_of(uint32_t slot)
{
	return mx_boot->exchange->credit[slot];
}

/* Have h free frames; true once one of the slots, a set, has credit. */
static bool freed(struct probe *h, uint64_t slots)
{
	struct guest_word word = {0};
	uint64_t deadline = PATIENT;

	mx_assert(guest_word_try_send(&h->plain, &word));
	while (!h->ended && mx_now() < deadline) {
		for (uint64_t left = slots; left; left &= left - 1)
			if (credit_of((uint32_t)__builtin_ctzll(left)))
				return true;
		mx_boot->exchange->thirst = slots;
		raw_exchange(0, deadline);
	}
	return false;
}

/* It frees what it holds with the exchange in which it waits, and nothing else wakes it. */
static const char *relieved(struct probe *h)
{
	for (uint32_t i = 0; i < 2; i++) {
		NEED(stuff(h, SMALL) == SMALL && credit_of(SLOT_OWN) == 0);
		NEED(freed(h, 1ull << SLOT_OWN));
	}
	return NULL;
}

/* It frees one frame at a time: each of the two that wait has its turn. */
static const char *shared(struct probe *h)
{
	struct mx_bind b = {h->handle, SLOT_SIDE, MX_SELF, SLOT_OWN2};
	struct probe side = {.own_slot = SLOT_OWN2};
	uint32_t frame;

	NEED(suite_spawn(MX_SPAWN_BIND, &b) == MX_OK);
	raw_collect();
	NEED(stuff(h, SMALL - SIDE_DEPTH) == SMALL - SIDE_DEPTH);
	NEED(stuff(&side, SIDE_DEPTH) == SIDE_DEPTH);
	for (uint32_t i = 0, n = 0; i < TURNS; i++) {
		NEED(freed(h, 1ull << SLOT_OWN | 1ull << SLOT_OWN2));
		NEED(credit_of(SLOT_OWN) + credit_of(SLOT_OWN2) == 1);
		n += credit_of(SLOT_OWN);
		NEED(raw_take(&frame, 1, PATIENT) == 1);
		raw_out(credit_of(SLOT_OWN) ? SLOT_OWN : SLOT_OWN2, frame, 0);
		NEED(raw_submit() == MX_OK);
		if (i + 1 == TURNS && n != TURNS / 2)
			return because("%u of %u credits for one of two", n, TURNS);
	}
	return NULL;
}

static const char *with_small(const char *(*play)(struct probe *h), uint32_t core, uint32_t portion)
{
	struct row row = {.which = PROBE_HOARD, .a = portion};
	static struct mx_spawn q;
	struct probe h;
	const char *why, *late;

	suite_request(&q, core, &row);
	q.quota = SMALL;
	NEED(probe_create(&h, &q, &row));
	why = play(&h);
	late = probe_end(&h);
	return why ? why : late;
}

static const char *scene_relieved(uint32_t core)
{
	return with_small(relieved, core, 0);
}

static const char *scene_shared(uint32_t core)
{
	return with_small(shared, core, 1);
}

static bool hear(struct probe *p, uint32_t slot, uint64_t limit)
{
	struct guest_word word;

	return raw_wait(slot, mx_now() + limit) && guest_word_recv(&p->plain, &word);
}

static const char *exhaustion(struct probe *drain, struct probe *thirsty)
{
	static const struct row well = {.cause = MX_CAUSE_EXIT};
	struct guest_word word = {0};
	struct mx_stat s = {.core = drain->told};

	NEED(hear(drain, SLOT_PLAIN, CASE_LIMIT / 4));
	NEED(suite_spawn(MX_SPAWN_STAT, &s) == MX_OK && s.pool_free == 0);
	NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, thirsty->handle, 0) == MX_OK);
	NEED(!hear(thirsty, SLOT_PLAIN2, 50 * MX_MS));   /* there is none to be had */
	NEED(guest_word_try_send(&drain->plain, &word)); /* now there are: it is woken */
	NEED(hear(thirsty, SLOT_PLAIN2, CASE_LIMIT / 4));
	NEED(guest_word_try_send(&drain->plain, &word));
	NEED(guest_word_try_send(&thirsty->plain, &word));
	NEED(probe_wait(drain, PATIENT) && probe_wait(thirsty, PATIENT));
	NEED(!probe_judge(drain, &well));
	return probe_judge(thirsty, &well);
}

static const char *scene_exhaustion(uint32_t core)
{
	struct row drain = {.which = PROBE_DRAIN};
	struct row thirsty = {.which = PROBE_THIRSTY, .options = SECOND | UNBOUND};
	struct probe d = {0}, t = {0};
	const char *why = NULL, *late;

	/* Spawning takes a frame for the request, so all is spawned before the pool is empty. */
	if (!probe_spawn(&t, core, &thirsty) || !probe_bind(&t, SECOND) ||
	    !probe_spawn(&d, core, &drain))
		why = "it cannot be spawned";
	d.told = core;
	if (!why)
		why = exhaustion(&d, &t);
	late = probe_end(&d);
	late = late ? late : probe_end(&t);
	return why ? why : late;
}

const struct scene scenes_frames[] = {{"100000 frames there and back in order", scene_stream},
                                      {"chains of 17 frames", scene_chains},
                                      {"a hoarder stops receiving, others go on", scene_hoarder},
                                      {"credit for what is freed while waiting", scene_relieved},
                                      {"credit in turns when it is scarce", scene_shared},
                                      {"an empty pool, and who waits for it", scene_exhaustion},
                                      {.name = NULL}};

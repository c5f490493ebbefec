/* Probes that are moved while they talk, and one that moves its own child. */
#include "tests/guest/probe.h"

#define FLIGHT 6u /* frames under way at once: fewer than SIDE_DEPTH */

/* A bare message of the suite. */
static bool told_to_stop(void)
{
	static bool told;
	struct mx_msg m;

	while (!told && raw_recv(&m, MX_NOW))
		told = m.slot == SLOT_OWN && m.kind < MX_EVENT;
	return told;
}

/* The last word has a mark, and each side sends one. */
static uint32_t talk(void)
{
	uint64_t sent = 0, taken = 0;
	struct guest_word_end end;
	struct guest_word word;
	bool last = false, heard = false;

	CHECK(guest_word_open(&end, mx_boot, SLOT_PLAIN));
	while (!last || !heard) {
		uint64_t before = sent + taken;
		bool stop = told_to_stop();

		while (!heard && guest_word_recv(&end, &word)) {
			CHECK(word.seq == taken++ && word.more[6] == ~word.seq);
			heard = word.more[0] != 0;
		}
		while (!last) {
			word = (struct guest_word){.seq = sent,
			                           .more = {[0] = stop || heard, [6] = ~sent}};
			if (!guest_word_try_send(&end, &word))
				break;
			last = stop || heard;
			sent++;
		}
		if (before == sent + taken)
			raw_exchange(0, mx_now() + MX_MS); /* the suite's word wakes nobody */
	}
	CHECK(end.end.lies == 0 && !guest_word_recv(&end, &word));
	raw_yield();
	return 0;
}

/* A peer that is moved takes nothing for a moment. */
static bool credit(uint32_t n)
{
	struct mx_exchange *x = mx_boot->exchange;
	uint64_t deadline = probe_deadline();

	while (x->credit[SLOT_SIDE] < n && mx_now() < deadline) {
		x->thirst = 1ull << SLOT_SIDE;
		raw_exchange(0, deadline);
	}
	return x->credit[SLOT_SIDE] >= n;
}

/* `chain` frames that follow each other by their numbers. */
static bool send_on(const uint32_t *frames, uint32_t number, uint32_t chain)
{
	if (!credit(chain))
		return false;
	for (uint32_t i = 0; i < chain; i++) {
		*(uint64_t *)mx_frame(frames[i]) = number + i;
		raw_out(SLOT_SIDE, frames[i], i + 1 < chain ? MX_MORE : 0)->body[0] = number + i;
	}
	return raw_submit() == MX_OK;
}

/* Of the side slot; what comes from the suite is its word to stop. */
static bool next(struct mx_msg *m, bool *stop)
{
	uint64_t deadline = probe_deadline();

	while (mx_now() < deadline) {
		if (!raw_recv(m, deadline))
			continue;
		if (m->slot == SLOT_SIDE && m->kind < MX_EVENT)
			return true;
		*stop |= m->slot == SLOT_OWN && m->kind < MX_EVENT;
	}
	return false;
}

/* Chains go whole, and come back whole and in order. */
static uint32_t trips(uint32_t chain)
{
	uint32_t frames[FLIGHT], sent = 0, came = 0;
	bool stop = false;
	struct mx_msg m;

	CHECK(raw_take(frames, FLIGHT, probe_deadline()) == FLIGHT);
	for (; sent < FLIGHT; sent += chain)
		CHECK(send_on(&frames[sent], sent, chain));
	while (came < sent) {
		CHECK(next(&m, &stop));
		CHECK(m.body[0] == came && *(uint64_t *)mx_frame(m.frame) == came + 1ull);
		CHECK((m.flags & MX_MORE) == ((came + 1) % chain ? MX_MORE : 0));
		frames[came++ % chain] = m.frame;
		if (came % chain || stop)
			continue;
		CHECK(send_on(frames, sent, chain));
		sent += chain;
	}
	CHECK(mx_boot->exchange->bad == 0 && credit(1));
	raw_out(SLOT_SIDE, MX_NOFRAME, 0);
	CHECK(raw_submit() == MX_OK);
	return 0;
}

/* Sends back what comes, its number one higher, until a bare message. */
static uint32_t echo(void)
{
	uint32_t frames[FLIGHT], n = 0;
	bool stop = false;
	struct mx_msg m;

	for (;;) {
		CHECK(next(&m, &stop));
		if (m.frame == MX_NOFRAME)
			return 0;
		CHECK(n < FLIGHT && *(uint64_t *)mx_frame(m.frame) == m.body[0]);
		frames[n++] = m.frame;
		if (m.flags & MX_MORE)
			continue;
		CHECK(credit(n));
		for (uint32_t i = 0; i < n; i++) {
			uint64_t number = (*(uint64_t *)mx_frame(frames[i]))++;

			raw_out(SLOT_SIDE, frames[i], i + 1 < n ? MX_MORE : 0)->body[0] =
			        (uint32_t)number;
		}
		CHECK(raw_submit() == MX_OK);
		n = 0;
	}
}

/* Whenever it is ended, a move of the child is likely to be under way. */
static uint32_t mover(uint32_t image, uint64_t length)
{
	static struct mx_spawn q;
	struct mx_move m = {0};
	int64_t child;

	probe_request(&q, image, length,
	              &(struct guest_args){.which = PROBE_EXIT_LATE, .a = UINT32_MAX});
	child = mx_trap(MX_TRAP_SPAWN, MX_SPAWN_CREATE, (uint64_t)(uintptr_t)&q, 0);
	CHECK(child > 0);
	CHECK(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, (uint64_t)child, 0) == MX_OK);
	m.child = (uint32_t)child;
	for (;;) {
		m.core = (m.core + 1) % mx_boot->cores;
		CHECK(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_MOVE, (uint64_t)(uintptr_t)&m, 0) == MX_OK);
		raw_yield();
	}
}

static uint32_t halted(void)
{
	while (mx_boot->exchange->credit[SLOT_SIDE])
		raw_yield();
	return 0;
}

uint32_t probe_move(const struct guest_args *args)
{
	switch (args->which) {
	case PROBE_TALK:
		return talk();
	case PROBE_TRIPS:
		return trips(args->a);
	case PROBE_ECHO:
		return echo();
	case PROBE_HALTED:
		return halted();
	default:
		return mover(args->a, args->b);
	}
}

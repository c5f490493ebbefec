/*
 * Plain channels (moxie/channel.h): an honest end whose peer writes anything into the ring it may.
 *
 * Whatever the peer writes, no access leaves the rings, room and depth hold, and what an honest
 * peer would have sent in between comes whole. Two honest ends lose nothing, whatever their order:
 * no credit is kept back but less than a quarter of the ring, none of an empty one, and an end that
 * found no room is notified of the first credit that comes.
 */
#include <stdlib.h>
#include <string.h>
#include <moxie/channel.h>
#include "tests/fuzz/events.h"

struct note {
	uint32_t number, copy;
	uint8_t rest[40];
};
MX_CHANNEL(note, 99, struct note, 8);

uint64_t mx_notify_mask;

enum { SEND, RECEIVE, POKE, UNBIND, BIND, CLEAR, KINDS };

static struct mx_boot boot[2];
static struct mx_ring *rings[2]; /* [i] is read by end i */
static struct note_end ends[2];
static uint32_t sent[2], received[2]; /* by end i */
static bool waits[2];                 /* end i found no room, and its peer knows */
static bool honest;

static void bind(uint32_t key)
{
	size_t n = sizeof(struct mx_ring) + note_depth * mx_stride(sizeof(struct note));

	for (uint32_t i = 0; i < 2; i++) {
		if (!rings[i])
			rings[i] = aligned_alloc(64, n); /* just as large, for the sanitizer */
		memset(rings[i], 0, n);
		sent[i] = received[i] = 0;
		waits[i] = false;
	}
	for (uint32_t i = 0; i < 2; i++)
		boot[i].slots[3] = (struct mx_slot_info){.kind = MX_SLOT_PLAIN,
		                                         .depth = note_depth,
		                                         .type = note_type,
		                                         .key = key,
		                                         .rx = rings[i],
		                                         .tx = rings[!i]};
}

static void send(uint32_t i)
{
	struct note m = {.number = sent[i], .copy = ~sent[i]};

	if (note_try_send(&ends[i], &m)) {
		sent[i]++;
		waits[i] = false;
	} else if (honest && boot[i].slots[3].tx) {
		fuzz_assert(sent[i] - received[!i] > note_depth - note_depth / 4);
		waits[i] = true;
	}
	fuzz_assert(mx_end_room(&ends[i].end) <= note_depth);
}

static void receive(uint32_t i)
{
	bool trusted = honest && boot[i].slots[3].tx, came;
	struct note m;

	mx_notify_mask = 0;
	came = note_recv(&ends[i], &m);
	if (trusted && waits[!i] && mx_end_room(&ends[!i].end) > 0) {
		fuzz_assert(mx_notify_mask >> 3 & 1);
		waits[!i] = false;
	}
	if (!came) {
		fuzz_assert(!trusted ||
		            (received[i] == sent[!i] && mx_end_room(&ends[!i].end) == note_depth));
		return;
	}
	if (honest)
		fuzz_assert(m.number == received[i] && m.copy == ~m.number);
	received[i]++;
}

static void poke(uint32_t i, struct event *e)
{
	uint32_t word = event_take(e, 1) % 4, value = (uint32_t)event_take(e, 4);

	honest = false;
	if (word == 0)
		rings[i]->tail = value;
	else if (word == 1)
		rings[i]->head = value;
	else if (word == 2)
		rings[i]->thirst = value;
	else
		rings[i]->slots[value % (note_depth * mx_stride(sizeof(struct note)))] ^= 1;
}

/* Both ends look before anything comes: the executive reports a reset first. */
static void bind_again(uint32_t key)
{
	bind(key);
	for (uint32_t i = 0; i < 2; i++)
		fuzz_assert(mx_end_room(&ends[i].end) == note_depth);
	honest = true;
}

static void unbind(void)
{
	for (uint32_t i = 0; i < 2; i++) {
		boot[i].slots[3].key |= MX_KEY_ENDED;
		boot[i].slots[3].tx = NULL;
	}
}

/* The first half of a binding; the new peer has heard of the second already, and speaks. */
static void clear(uint32_t i)
{
	struct note m;

	unbind();
	memset(rings[i], 0, sizeof *rings[i] + mx_stride(sizeof m));
	boot[i].slots[3].key = 0;
	rings[i]->tail = 1;
	fuzz_assert(!note_recv(&ends[i], &m));
	honest = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct events list = {data, n};
	uint32_t key = 1;
	struct event e;

	bind(key);
	honest = true;
	for (uint32_t i = 0; i < 2; i++)
		fuzz_assert(note_open(&ends[i], &boot[i], 3));
	while (events_next(&list, &e)) {
		uint32_t i = event_take(&e, 1) & 1;

		if (e.what % KINDS == SEND)
			send(i);
		else if (e.what % KINDS == RECEIVE)
			receive(i);
		else if (e.what % KINDS == POKE)
			poke(i, &e);
		else if (e.what % KINDS == UNBIND)
			unbind();
		else if (e.what % KINDS == CLEAR)
			clear(i);
		else
			bind_again(++key);
	}
	return 0;
}

/*
 * Plain channels (moxie/channel.h) between two domains that sleep when there is nothing to do.
 *
 * Every message comes once, whole and in order; nobody waits for ever; no index is refused. What
 * the executive does for a notification is one step here: the cores' own wake-up is in
 * fifo_model.c.
 */
#include <string.h>
#include <moxie/channel.h>
#include "tests/model/model.h"

struct note {
	uint32_t number;
	uint32_t rest[3];
};
#define STRIDE 64u
#define BEFORE 0xffffffffu /* the counters of a ring wrap in every scenario */

enum { DEPTH = 0xff, MESSAGES = 0xff00, MESSAGES_AT = 8, ONE_BY_ONE = 0x10000, EAGER = 0x20000 };

uint64_t mx_notify_mask;

static struct mx_slot_info info[2];
static struct mx_end ends[2];

static uint32_t messages(void)
{
	return (model_now->variant & MESSAGES) >> MESSAGES_AT;
}

static void start(void)
{
	uint32_t depth = model_now->variant & DEPTH;

	for (uint32_t i = 0; i < 2; i++) {
		info[i] = (struct mx_slot_info){
		        .kind = MX_SLOT_PLAIN,
		        .depth = (uint16_t)depth,
		        .key = 1,
		        .rx = model_shared(sizeof(struct mx_ring) + depth * STRIDE)};
		info[i].rx->tail = info[i].rx->head = BEFORE;
	}
	for (uint32_t i = 0; i < 2; i++) {
		info[i].tx = info[!i].rx;
		mx_end_open(&ends[i], &info[i], 0, sizeof(struct note));
		ends[i].sent = ends[i].seen_head = BEFORE;
		ends[i].taken = ends[i].seen_tail = ends[i].told = BEFORE;
	}
	mx_notify_mask = 0;
	model_own(&mx_notify_mask, sizeof mx_notify_mask);
}

static void notify(uint32_t t)
{
	bool due = mx_notify_mask;

	mx_notify_mask = 0;
	if (due)
		model_wake(!t, true);
}

static void send(uint32_t t, uint32_t number)
{
	struct note n = {.number = number};

	for (uint32_t i = 0; i < 3; i++)
		n.rest[i] = ~number;
	while (!mx_end_try_send(&ends[t], &n)) {
		notify(t);
		model_wait();
	}
	if (model_now->variant & EAGER)
		notify(t);
}

static bool receive(uint32_t t, uint32_t number)
{
	struct note n;

	if (!mx_end_recv(&ends[t], &n))
		return false;
	model_check(n.number == number);
	for (uint32_t i = 0; i < 3; i++)
		model_check(n.rest[i] == ~number);
	if (model_now->variant & ONE_BY_ONE)
		notify(t);
	return true;
}

static void receive_all(uint32_t t, uint32_t n)
{
	for (uint32_t got = 0;;) {
		while (got < n && receive(t, got))
			got++;
		notify(t);
		if (got == n)
			return;
		model_wait();
	}
}

/* Thread 0 sends, 1 receives. */
static void stream(uint32_t t)
{
	if (t == 1) {
		receive_all(t, messages());
		return;
	}
	for (uint32_t i = 0; i < messages(); i++)
		send(t, i);
	notify(t);
}

/* Both send, then both receive. */
static void cross(uint32_t t)
{
	for (uint32_t i = 0; i < messages(); i++)
		send(t, i);
	notify(t);
	receive_all(t, messages());
}

/* Each message is answered before the next. */
static void volley(uint32_t t)
{
	for (uint32_t i = 0; i < messages(); i++) {
		if (t == 0)
			send(t, i);
		notify(t);
		while (!receive(t, i)) {
			notify(t);
			model_wait();
		}
		if (t == 1)
			send(t, i);
		notify(t);
	}
}

static void end(void)
{
	for (uint32_t i = 0; i < 2; i++) {
		model_check(!ends[i].lies);
		model_check(model_now->run != stream || ends[1].taken == ends[0].sent);
	}
}

#define SCENARIO(title, body, depth, n, how, long_)                                                \
	{                                                                                          \
		.name = "channel: " title, .threads = 2,                                           \
		.variant = (depth) | (n) << MESSAGES_AT | (how), .start = start, .run = body,      \
		.end = end, .deep = long_                                                          \
	}
const struct scenario channel_scenarios[] = {
        SCENARIO("3 messages through 1 slot", stream, 1, 3, 0, false),
        SCENARIO("4 messages through 2 slots", stream, 2, 4, 0, false),
        SCENARIO("5 messages through 4 slots", stream, 4, 5, 0, false),
        SCENARIO("9 messages through 8 slots, credit by pairs", stream, 8, 9, 0, false),
        SCENARIO("3 messages through 2 slots, each notified", stream, 2, 3, EAGER | ONE_BY_ONE,
                 false),
        SCENARIO("a volley of 3 through 1 slot", volley, 1, 3, 0, false),
        SCENARIO("1 message each way at once through 1 slot", cross, 1, 1, 0, false),
        SCENARIO("6 messages through 2 slots", stream, 2, 6, 0, true),
        SCENARIO("7 messages through 4 slots", stream, 4, 7, 0, true),
        SCENARIO("4 messages through 2 slots, each notified", stream, 2, 4, EAGER | ONE_BY_ONE,
                 true),
        SCENARIO("2 messages each way at once through 2 slots", cross, 2, 2, EAGER, true),
        {0},
};

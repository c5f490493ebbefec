/*
 * The receive queue; see receive.h.
 */
#include <moxie/domain.h>
#include <moxie/packet.h>
#include <moxie/slots.h>
#include "receive.h"

#define TURN       64u /* buffers of one turn: no more than the reserve can replace */
#define POLL_TURNS 2u  /* empty turns before the interrupt is armed; spinning starves the device */
#define RETRY      (10 * MX_MS) /* between looks at an empty pool */

/* A length that cannot be goes on as 0: the reader refuses that packet and stays in step. */
static uint16_t believe(struct receiver *r, uint32_t length)
{
	if (length >= 1 && length <= MX_PAGE)
		return (uint16_t)length;
	r->q.bad++;
	return 0;
}

/* The buffer has left; another frame takes its place at once when there is one. */
static void take(struct receiver *r, int chain)
{
	uint32_t fresh = mx_alloc(), frames[MX_DRIVER_RING_MIN];

	if (fresh != MX_NOFRAME)
		queue_replace(&r->q, chain, fresh, mx_bus(fresh));
	else
		queue_take(&r->q, chain, frames);
}

/* Sends used buffers while the peer takes them; how many entries were dealt with. */
static uint32_t forward(struct receiver *r)
{
	uint32_t n = queue_used(&r->q), credit = mx_credit(MX_DRIVER_PEER), done;

	n = n < TURN ? n : TURN;
	for (done = 0; done < n; done++) {
		struct mx_msg m = {.kind = MX_RAW, .body = {r->port}};
		uint32_t length;
		int chain;

		if (credit == 0)
			break;
		chain = queue_peek(&r->q, &length);
		if (chain < 0)
			continue;
		m.frame = r->q.slots[chain].frame;
		m.length = believe(r, length);
		if (mx_send(MX_DRIVER_PEER, &m, 1) != MX_OK)
			break;
		take(r, chain);
		r->buffers++;
		credit--;
	}
	if (done > 0)
		r->armed = false; /* what the interrupt was to tell has been seen */
	if (done < n) {
		r->starved++;
		mx_thirst(MX_DRIVER_PEER);
	}
	return done;
}

/*
 * Post all frames at hand. The reserve is smaller than the ring, so after a start, or a long
 * batch, it takes some turns; when the pool has none, look again later.
 */
static void refill(struct receiver *r)
{
	uint16_t before = r->q.free_n;

	while (r->q.free_n > 0) {
		struct piece p = {.length = MX_PAGE, .frame = mx_alloc()};

		if (p.frame == MX_NOFRAME)
			break;
		p.bus = mx_bus(p.frame);
		queue_add(&r->q, &p, 1, VRING_DESC_F_WRITE);
	}
	queue_kick(&r->q);
	if (r->q.free_n > 0 && r->q.free_n < before)
		mx_again();
	else if (r->q.free_n > 0)
		mx_wake_at(mx_now() + RETRY);
}

/*
 * Everything that is in the used ring goes, up to an index that the device stored. It stores the
 * index once for all buffers of a packet (5.1.6.4), so the next reader starts with a whole
 * packet even when its predecessor ended in the middle of one.
 */
void receive_discard(struct receiver *r)
{
	uint32_t frames[MX_DRIVER_RING_MIN], length;

	r->armed = false;
	for (uint32_t n = queue_used(&r->q); n > 0; n--) {
		int chain = queue_peek(&r->q, &length);

		if (chain < 0)
			continue;
		queue_take(&r->q, chain, frames);
		mx_free(frames[0]);
		r->stale++;
	}
}

/*
 * Adaptive polling. While work is found come back after the others have run; after a few empty
 * turns arm the interrupt and sleep. The look after arming closes the gap in which the device
 * may have used a buffer without a word.
 */
static void poll_or_arm(struct receiver *r, bool found)
{
	if (found) {
		queue_disarm(&r->q);
		r->idle = 0;
		mx_again();
	} else if (!r->armed) {
		if (++r->idle < POLL_TURNS)
			mx_again();
		else if (queue_arm(&r->q, 0))
			r->armed = true;
		else
			mx_again();
	}
}

void receive_turn(struct receiver *r, bool open)
{
	uint64_t starved = r->starved;
	uint32_t done = open ? forward(r) : 0;

	refill(r);
	/* Waiting for credit or for a reader there is nothing an interrupt could tell. */
	if (open && r->starved == starved)
		poll_or_arm(r, done > 0);
}

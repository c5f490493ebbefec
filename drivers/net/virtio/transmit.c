/*
 * The transmit queue; see transmit.h.
 */
#include <moxie/domain.h>
#include <moxie/packet.h>
#include "transmit.h"

#define ETHER_HEADER 14u

/*
 * While frames are out, look at the ring at least this often: completions that no event told of
 * are then back in time for a peer that counts frames, at 20 idle turns a second.
 */
#define SWEEP (50 * MX_MS)

/* False when m names nothing that could be sent. */
static bool piece_of(const struct mx_msg *m, struct piece *p)
{
	*p = (struct piece){mx_bus_of(m), m->length, m->frame};
	return p->bus != 0 && m->length != 0;
}

/* The descriptors of a chain; false when it cannot be sent. */
static bool prepare(const struct mx_msg *chain, uint32_t n, struct piece *pieces)
{
	uint32_t length = 0;

	if (n > MX_CHAIN_MAX || chain[0].kind != MX_RAW || chain[0].length < MX_VNET)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (!piece_of(&chain[i], &pieces[i]))
			return false;
		length += pieces[i].length;
	}
	return length >= MX_VNET + ETHER_HEADER;
}

static void put(struct transmitter *t, const struct piece *pieces, uint32_t n)
{
	queue_add(&t->q, pieces, n, 0);
	t->packets++;
}

static void send_parked(struct transmitter *t)
{
	struct mx_msg chain[MX_CHAIN_MAX];
	struct piece pieces[MX_CHAIN_MAX];
	uint32_t n;

	while ((n = park_peek(&t->park, chain)) > 0) {
		if (t->q.free_n < n)
			return;
		mx_assert(prepare(chain, n, pieces)); /* as it was before parking */
		put(t, pieces, n);
		park_take(&t->park, n);
	}
}

void transmit(struct transmitter *t, const struct mx_msg *chain, uint32_t n)
{
	struct piece pieces[MX_CHAIN_MAX];

	if (!prepare(chain, n, pieces)) {
		t->bad++;
		mx_free_chain(chain, n);
	} else if (!t->park.waiting && t->q.free_n >= n) {
		put(t, pieces, n);
	} else if (!park_add(&t->park, chain, n)) {
		t->full++;
		mx_free_chain(chain, n);
	}
}

void transmit_reclaim(struct transmitter *t)
{
	uint32_t frames[MX_DRIVER_RING_MIN], length;

	for (uint32_t used = queue_used(&t->q); used > 0; used--) {
		int chain = queue_peek(&t->q, &length);
		uint32_t n = chain < 0 ? 0 : queue_take(&t->q, chain, frames);

		for (uint32_t i = 0; i < n; i++)
			mx_free(frames[i]);
	}
	send_parked(t);
}

/*
 * Completion interrupts are asked for only while room is short, and then for three quarters of
 * what is out: an interrupt a packet would cost more than the packet. Otherwise any event
 * reclaims, and the sweep when there is none.
 */
void transmit_wait(struct transmitter *t)
{
	queue_kick(&t->q);
	if (t->q.chains == 0)
		return;
	mx_wake_at(mx_now() + SWEEP);
	if (!t->park.waiting && t->q.free_n >= t->q.size / 2u)
		queue_disarm(&t->q);
	else if (!queue_arm(&t->q, (uint16_t)(t->q.chains * 3u / 4u)))
		mx_again();
}

void transmit_forget(struct transmitter *t)
{
	park_forget(&t->park);
}

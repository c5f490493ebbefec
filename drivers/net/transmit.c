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

static struct mx_msg *parked_at(struct transmitter *t, uint32_t i)
{
	return &t->parked[(t->first + i) % MX_DRIVER_PARKED];
}

static void park(struct transmitter *t, const struct mx_msg *chain, uint32_t n)
{
	if (t->waiting + n > MX_DRIVER_PARKED) {
		t->full++;
		mx_free_chain(chain, n);
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		*parked_at(t, t->waiting) = chain[i];
		parked_at(t, t->waiting++)->flags = i + 1 < n ? MX_MORE : 0;
	}
}

/* Copies the first parked chain out; its length. */
static uint32_t peek_parked(struct transmitter *t, struct mx_msg chain[MX_CHAIN_MAX])
{
	uint32_t n = 0;

	do
		chain[n] = *parked_at(t, n);
	while (chain[n++].flags & MX_MORE);
	return n;
}

static void send_parked(struct transmitter *t)
{
	struct mx_msg chain[MX_CHAIN_MAX];
	struct piece pieces[MX_CHAIN_MAX];

	while (t->waiting > 0) {
		uint32_t n = peek_parked(t, chain);

		if (t->q.free_n < n)
			return;
		mx_assert(prepare(chain, n, pieces)); /* as it was before parking */
		put(t, pieces, n);
		t->first += n;
		t->waiting -= n;
	}
}

void transmit(struct transmitter *t, const struct mx_msg *chain, uint32_t n)
{
	struct piece pieces[MX_CHAIN_MAX];

	if (!prepare(chain, n, pieces)) {
		t->bad++;
		mx_free_chain(chain, n);
	} else if (t->waiting > 0 || t->q.free_n < n) {
		park(t, chain, n);
	} else {
		put(t, pieces, n);
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
	if (t->waiting == 0 && t->q.free_n >= t->q.size / 2u)
		queue_disarm(&t->q);
	else if (!queue_arm(&t->q, (uint16_t)(t->q.chains * 3u / 4u)))
		mx_again();
}

void transmit_forget(struct transmitter *t)
{
	for (; t->waiting > 0; t->waiting--, t->first++)
		mx_free(parked_at(t, 0)->frame);
}

/*
 * The transmit queue; see transmit.h.
 */
#include <string.h>
#include <moxie/domain.h>
#include <moxie/packet.h>
#include "transmit.h"

_Static_assert(sizeof(struct virtio_net_hdr_v1) == MX_VNET, "moxie/packet.h says so too");

#define ETHER_HEADER 14u

/*
 * While frames are out, look at the ring at least this often: completions that no event told of
 * are then back in time for a peer that counts frames, at 20 idle turns a second.
 */
#define SWEEP (50 * MX_MS)

/* The descriptors of a chain behind its header; false when it cannot be sent. */
static bool prepare(const struct transmitter *t, const struct mx_msg *chain, uint32_t n,
                    struct mx_packet *p, struct piece *pieces)
{
	uint32_t length = 0;

	if (n > MX_CHAIN_MAX || chain[0].kind != MX_ETHER)
		return false;
	memcpy(p, chain[0].body, sizeof(*p));
	for (uint32_t i = 0; i < n; i++) {
		uint64_t bus = chain[i].frame == MX_NOFRAME ? 0 : mx_bus_of(&chain[i]);

		if (bus == 0 || chain[i].length == 0)
			return false;
		pieces[i] = (struct piece){bus, chain[i].length, chain[i].frame};
		length += chain[i].length;
	}
	return length == p->length && length >= ETHER_HEADER && !(mx_needs(p) & ~t->features);
}

/* 5.1.6.2. num_buffers is 0 and DATA_VALID never set on transmit. */
static void write_header(struct virtio_net_hdr_v1 *to, const struct mx_packet *p)
{
	struct virtio_net_hdr_v1 h = {0};

	if (p->flags & MX_CSUM_PARTIAL) {
		h.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		h.csum_start = p->csum_start;
		h.csum_offset = p->csum_offset;
	}
	if (p->gso != MX_GSO_NONE) {
		h.gso_type = p->gso;
		h.gso_size = p->gso_size;
		h.hdr_len = p->hdr_len;
	}
	memcpy(to, &h, sizeof(h));
}

/* pieces[0] is free for the header. */
static void put(struct transmitter *t, const struct mx_packet *p, struct piece *pieces, uint32_t n)
{
	uint16_t head = queue_next(&t->q);

	write_header(&t->headers[head], p);
	pieces[0] = (struct piece){t->headers_bus + head * MX_VNET, MX_VNET, MX_NOFRAME};
	queue_add(&t->q, pieces, n + 1, 0);
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
	struct piece pieces[MX_CHAIN_MAX + 1];
	struct mx_packet p;

	while (t->waiting > 0) {
		uint32_t n = peek_parked(t, chain);

		if (t->q.free_n < n + 1)
			return;
		mx_assert(prepare(t, chain, n, &p, pieces + 1)); /* as it was before parking */
		put(t, &p, pieces, n);
		t->first += n;
		t->waiting -= n;
	}
}

void transmit(struct transmitter *t, const struct mx_msg *chain, uint32_t n)
{
	struct piece pieces[MX_CHAIN_MAX + 1];
	struct mx_packet p;

	if (!prepare(t, chain, n, &p, pieces + 1)) {
		t->bad++;
		mx_free_chain(chain, n);
	} else if (t->waiting > 0 || t->q.free_n < n + 1) {
		park(t, chain, n);
	} else {
		put(t, &p, pieces, n);
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

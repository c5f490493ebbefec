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

/* What the device must have been asked for to send p; false when no feature covers it. */
static bool needs(const struct mx_packet *p, uint16_t *need)
{
	*need = p->flags & MX_CSUM_PARTIAL ? MX_TX_CSUM : 0;
	if (p->gso & MX_GSO_ECN)
		*need |= MX_TX_ECN;
	switch (p->gso & ~MX_GSO_ECN) {
	case MX_GSO_NONE:
		return p->gso == MX_GSO_NONE;
	case MX_GSO_TCP4:
		*need |= MX_TX_TSO4 | MX_TX_CSUM;
		break;
	case MX_GSO_TCP6:
		*need |= MX_TX_TSO6 | MX_TX_CSUM;
		break;
	default:
		return false;
	}
	return p->flags & MX_CSUM_PARTIAL && p->gso_size != 0;
}

static bool can_send(const struct transmitter *t, const struct mx_msg *chain, uint32_t n)
{
	struct mx_packet p;
	uint32_t length = 0;
	uint16_t need;

	memcpy(&p, chain[0].body, sizeof(p));
	if (n > MX_CHAIN_MAX || !needs(&p, &need) || need & ~t->features)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (chain[i].kind != MX_ETHER || chain[i].frame == MX_NOFRAME ||
		    chain[i].length == 0 || chain[i].offset + chain[i].length > MX_PAGE ||
		    mx_bus(chain[i].frame) == 0)
			return false;
		length += chain[i].length;
	}
	if (length < ETHER_HEADER || length != p.length)
		return false;
	return !(p.flags & MX_CSUM_PARTIAL) || (uint32_t)p.csum_start + p.csum_offset + 2 <= length;
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

static void put(struct transmitter *t, struct mx_msg *chain, uint32_t n)
{
	struct piece pieces[MX_CHAIN_MAX + 1];
	uint16_t head = queue_next(&t->q);

	write_header(&t->headers[head], mx_packet(&chain[0]));
	pieces[0] = (struct piece){t->headers_bus + head * MX_VNET, MX_VNET, MX_NOFRAME};
	for (uint32_t i = 0; i < n; i++)
		pieces[i + 1] = (struct piece){mx_bus(chain[i].frame) + chain[i].offset,
		                               chain[i].length, chain[i].frame};
	queue_add(&t->q, pieces, n + 1, 0);
	t->packets++;
}

static struct mx_msg *parked_at(struct transmitter *t, uint32_t i)
{
	return &t->parked[(t->first + i) % (MX_DRIVER_RING / 2)];
}

static void park(struct transmitter *t, const struct mx_msg *chain, uint32_t n)
{
	if (t->waiting + n > t->q.size / 2u) {
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

	while (t->waiting > 0) {
		uint32_t n = peek_parked(t, chain);

		if (t->q.free_n < n + 1)
			return;
		put(t, chain, n);
		t->first += n;
		t->waiting -= n;
	}
}

void transmit(struct transmitter *t, struct mx_msg *chain, uint32_t n)
{
	if (!can_send(t, chain, n)) {
		t->bad++;
		mx_free_chain(chain, n);
	} else if (t->waiting > 0 || t->q.free_n < n + 1) {
		park(t, chain, n);
	} else {
		put(t, chain, n);
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

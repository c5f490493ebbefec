/*
 * Packets as chains of frames: see router.h.
 */
#include "segment.h"

/* Where the router puts the Ethernet header of what it builds: the IP header is aligned then. */
#define NEW_OFFSET (64u - ETH_HEADER)

uint64_t now;
bool router_open;

void packet_of(struct packet *k, struct mx_msg *chain, uint32_t n, struct port *in)
{
	*k = (struct packet){.chain = chain,
	                     .n = n,
	                     .in = in,
	                     .ip = (uint8_t *)mx_frame(chain->frame) + chain->offset + ETH_HEADER,
	                     .have = chain->length - ETH_HEADER,
	                     .size = mx_packet(chain)->length - ETH_HEADER};
}

bool packet_new(struct packet *k, struct mx_msg *m, uint32_t size)
{
	uint32_t frame = mx_alloc();

	if (frame == MX_NOFRAME) { /* a burst of fragments or errors: what went out comes back */
		mx_flush();
		frame = mx_alloc();
	}
	*m = (struct mx_msg){.frame = frame,
	                     .offset = NEW_OFFSET,
	                     .length = (uint16_t)(size + ETH_HEADER),
	                     .kind = MX_ETHER};
	if (m->frame == MX_NOFRAME) {
		ports[SELF].count[DROP_MEMORY]++;
		return false;
	}
	mx_packet(m)->length = size + ETH_HEADER;
	packet_of(k, m, 1, &ports[SELF]);
	return true;
}

/* Cuts what follows the first size bytes at ip: the padding of short Ethernet frames. */
void packet_trim(struct packet *k, uint32_t size)
{
	uint32_t left = size + ETH_HEADER, n = 0;

	while (left > k->chain[n].length)
		left -= k->chain[n++].length;
	k->chain[n].length = (uint16_t)left;
	k->chain[n].flags &= (uint8_t)~MX_MORE;
	if (n + 1 < k->n)
		mx_free_chain(k->chain + n + 1, k->n - n - 1);
	k->n = n + 1;
	k->size = size;
	k->have = k->chain->length - ETH_HEADER;
	mx_packet(k->chain)->length = size + ETH_HEADER;
}

/* Bytes [from, from + n) at ip, which the caller knows to be within size. */
void packet_copy(const struct packet *k, uint32_t from, uint32_t n, uint8_t *to)
{
	from += ETH_HEADER;
	for (const struct mx_msg *m = k->chain; n > 0; m++) {
		uint32_t part = from < m->length ? m->length - from : 0;

		if (part > n)
			part = n;
		if (part)
			memcpy(to, (uint8_t *)mx_frame(m->frame) + m->offset + from, part);
		from = part ? 0 : from - m->length;
		to += part;
		n -= part;
	}
}

void packet_drop(struct packet *k, enum port_count why)
{
	k->in->count[why]++;
	mx_free_chain(k->chain, k->n);
}

/* A packet to be segmented leaves as segments, and only these have to fit. */
uint32_t packet_segment(const struct packet *k)
{
	struct segments s;

	return segment_begin(&s, k) ? s.header + s.asked : k->size;
}

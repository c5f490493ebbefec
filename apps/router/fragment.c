/*
 * IPv4 fragmentation on the way (RFC 791 3.2): for packets without DF that do not fit the MTU.
 *
 * Every fragment is a new frame with a copy of its part: fragmentation is rare, and offsets
 * that are multiples of 8 seldom fall on the borders of frames. A fragment is fragmented like
 * any packet: its offset is added, its MF bit goes to the last piece.
 */
#include "route.h"

#define OPTION_END  0
#define OPTION_NOP  1
#define OPTION_COPY 0x80  /* the copied flag: the option is in every fragment */
#define PIECE_MAX   3900u /* bytes of one fragment; fits a frame whatever the MTU */

struct cut {
	struct packet *k;
	uint8_t header[60]; /* of the fragments after the first */
	uint32_t header_n;
	uint32_t whole_n; /* header of the original */
	uint16_t frag;    /* of the original: its offset and MF */
};

/* The options of later fragments: those with the copied flag, padded to four bytes. */
static void later_header(struct cut *c)
{
	uint32_t at = IP4_HEADER, n = IP4_HEADER;
	const uint8_t *ip = c->k->ip;

	memcpy(c->header, ip, IP4_HEADER);
	while (at < c->whole_n && ip[at] != OPTION_END) {
		uint32_t size = 1;

		if (ip[at] != OPTION_NOP) {
			if (at + 1 >= c->whole_n || ip[at + 1] < 2 || ip[at + 1] > c->whole_n - at)
				break; /* the stack's own: forwarded ones were checked */
			size = ip[at + 1];
		}
		if (ip[at] & OPTION_COPY) {
			memcpy(c->header + n, ip + at, size);
			n += size;
		}
		at += size;
	}
	while (n % 4)
		c->header[n++] = OPTION_END;
	c->header[0] = (uint8_t)(0x40 | n / 4);
	c->header_n = n;
}

/* Sends payload bytes [from, from + n) as one fragment. */
static bool send_piece(const struct cut *c, struct dest *d, uint32_t from, uint32_t n, bool last)
{
	uint32_t header_n = from ? c->header_n : c->whole_n;
	uint16_t frag = (uint16_t)(c->frag + from / 8);
	struct packet f;
	struct mx_msg m;
	struct ip4 *ip;

	if (!packet_new(&f, &m, header_n + n))
		return false;
	ip = (struct ip4 *)f.ip;
	memcpy(f.ip, from ? c->header : c->k->ip, header_n);
	packet_copy(c->k, c->whole_n + from, n, f.ip + header_n);
	store16(ip->total, (uint16_t)(header_n + n));
	store16(ip->frag, last ? frag : frag | IP4_MF);
	store16(ip->csum, 0);
	store16(ip->csum, ipv4_csum(f.ip, header_n));
	/* Waits and errors are the original's: it came in by a port. */
	f.in = c->k->in;
	mx_packet(&m)->port = f.in->index;
	f.in->count[FRAGMENTS]++;
	route_send(&f, d);
	return true;
}

void ipv4_fragment(struct packet *k, struct dest *d)
{
	struct cut c = {.k = k, .whole_n = (k->ip[0] & 15) * 4u};
	uint32_t mtu = ports[d->hop->port].mtu, from = 0, total, room;

	mtu = mtu < PIECE_MAX ? mtu : PIECE_MAX;
	total = k->size - c.whole_n;
	c.frag = load16(((struct ip4 *)k->ip)->frag);
	later_header(&c);
	/* RFC 791: a router must pass 68 bytes; a smaller MTU leaves no room for 60 + 8. */
	if (mtu < c.whole_n + 8 || (c.frag & IP4_OFFSET) * 8u + total > 0xffff ||
	    !mx_complete_csum(k->chain, k->n)) {
		packet_drop(k, DROP_MTU);
		return;
	}
	k->in->count[FRAGMENTED]++;
	while (from < total) {
		room = (mtu - (from ? c.header_n : c.whole_n)) & ~7u;
		if (total - from <= room)
			room = total - from;
		/* A fragment that cannot be made makes the others useless. */
		if (!send_piece(&c, d, from, room, from + room == total)) {
			packet_drop(k, DROP_MEMORY);
			return;
		}
		from += room;
	}
	mx_free_chain(k->chain, k->n);
}

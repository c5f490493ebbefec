/*
 * Segmentation in software: see segment.h.
 *
 * Every segment repeats the headers; what differs is written over: lengths, the IPv4
 * identification, the place in the TCP stream, and the flags that belong to its first or last
 * byte. The pseudo header's sum, which stands in the checksum field, differs by the length alone.
 */
#include "segment.h"

#define PROTO_TCP   6
#define PROTO_UDP   17
#define SEGMENT_MAX 3900u /* bytes of one; fits a frame whatever the MTU */

#define UDP_HEADER 8u
#define UDP_LENGTH 4
#define UDP_CSUM   6

#define TCP_HEADER 20u
#define TCP_SEQ    4
#define TCP_OFFSET 12
#define TCP_FLAGS  13
#define TCP_CSUM   16
#define TCP_FIN    0x01
#define TCP_PSH    0x08
#define TCP_CWR    0x80

/* The first byte of the transport header, by the facts, and if IP's header agrees with them. */
static bool find_transport(struct segments *s)
{
	const struct mx_packet *facts = mx_packet(s->k->chain);
	const struct ip4 *ip = (const struct ip4 *)s->k->ip;
	uint32_t type = facts->gso & (uint8_t)~MX_GSO_ECN;
	bool v4 = s->k->ip[0] >> 4 == 4;

	if (facts->csum_start < ETH_HEADER + IP4_HEADER)
		return false;
	s->proto = type == MX_GSO_UDP ? PROTO_UDP : PROTO_TCP;
	s->transport = facts->csum_start - ETH_HEADER;
	if (v4) {
		s->id = load16(ip->id);
		return type != MX_GSO_TCP6 && ip->proto == s->proto &&
		       s->transport == (ip->ver_ihl & 15) * 4u &&
		       !(load16(ip->frag) & (IP4_MF | IP4_OFFSET));
	}
	/* Extension headers may stand between; they are repeated as they are. */
	return type != MX_GSO_TCP4 && s->transport >= IP6_HEADER;
}

static bool find_payload(struct segments *s)
{
	const struct mx_packet *facts = mx_packet(s->k->chain);
	uint32_t room = s->k->have > s->transport ? s->k->have - s->transport : 0, transport;

	if (s->proto == PROTO_UDP) {
		transport = UDP_HEADER;
		if (facts->csum_offset != UDP_CSUM || room < transport)
			return false;
	} else {
		if (facts->csum_offset != TCP_CSUM || room < TCP_HEADER)
			return false;
		transport = (s->k->ip[s->transport + TCP_OFFSET] >> 4) * 4u;
		if (transport < TCP_HEADER || room < transport)
			return false;
	}
	s->header = s->transport + transport;
	return s->header < s->k->size && s->header < SEGMENT_MAX;
}

bool segment_begin(struct segments *s, const struct packet *k)
{
	const struct mx_packet *facts = mx_packet(k->chain);

	*s = (struct segments){.k = k, .asked = facts->gso_size, .size = facts->gso_size};
	if (facts->gso == MX_GSO_NONE || mx_needs(facts) == MX_TX_NEVER || !find_transport(s) ||
	    !find_payload(s))
		return false;
	if (s->header + s->size > SEGMENT_MAX)
		s->size = s->proto == PROTO_UDP ? 0 : SEGMENT_MAX - s->header;
	return true;
}

static void write_ip(struct segments *s, uint8_t *at, uint32_t size)
{
	struct ip4 *ip = (struct ip4 *)at;

	if (at[0] >> 4 == 6) {
		store16(((struct ip6 *)at)->payload, (uint16_t)(size - IP6_HEADER));
		return;
	}
	store16(ip->total, (uint16_t)size);
	store16(ip->id, s->id++);
	store16(ip->csum, 0);
	store16(ip->csum, ipv4_csum(at, s->transport));
}

/* RFC 9293 3.1; RFC 3168 6.1.2: CWR is said once. */
static void write_tcp(const struct segments *s, uint8_t *tcp, bool last)
{
	store32(tcp + TCP_SEQ, load32(tcp + TCP_SEQ) + s->at);
	if (s->at)
		tcp[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
	if (!last)
		tcp[TCP_FLAGS] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
}

/* From the sum over a pseudo header with the whole length to that with the segment's. */
static void write_sum(const struct segments *s, uint8_t *field, uint32_t size)
{
	uint32_t sum = load16(field);

	sum += (uint16_t) ~(s->k->size - s->transport) + (size - s->transport);
	sum = (sum & 0xffff) + (sum >> 16);
	store16(field, (uint16_t)((sum & 0xffff) + (sum >> 16)));
}

static void write_facts(const struct segments *s, struct mx_packet *to)
{
	const struct mx_packet *from = mx_packet(s->k->chain);

	/* What waits for a neighbour is told apart by the port it came in by. */
	to->port = s->k->in->index;
	to->flags = MX_CSUM_PARTIAL;
	to->csum_start = from->csum_start;
	to->csum_offset = from->csum_offset;
}

bool segment_next(struct segments *s, struct packet *f, struct mx_msg *m)
{
	uint32_t left = s->k->size - s->header - s->at;
	uint32_t part = left < s->size ? left : s->size;
	uint8_t *transport;

	if (!part || !packet_new(f, m, s->header + part))
		return false;
	packet_copy(s->k, 0, s->header, f->ip);
	packet_copy(s->k, s->header + s->at, part, f->ip + s->header);
	transport = f->ip + s->transport;
	write_ip(s, f->ip, f->size);
	write_sum(s, transport + mx_packet(s->k->chain)->csum_offset, f->size);
	if (s->proto == PROTO_TCP)
		write_tcp(s, transport, part == left);
	else
		store16(transport + UDP_LENGTH, (uint16_t)(UDP_HEADER + part));
	write_facts(s, mx_packet(m));
	f->in = s->k->in;
	f->group = s->k->group;
	s->at += part;
	s->made++;
	return true;
}

void segment_end(struct segments *s, struct packet *k)
{
	k->in->count[SEGMENTS] += s->made;
	if (s->size == 0) {
		packet_drop(k, DROP_GSO);
	} else if (s->header + s->at < k->size) {
		packet_drop(k, DROP_MEMORY);
	} else {
		k->in->count[SEGMENTED]++;
		mx_free_chain(k->chain, k->n);
	}
}

bool segment_first(const struct packet *k, struct packet *f, struct mx_msg *m)
{
	struct segments s;

	return segment_begin(&s, k) && segment_next(&s, f, m);
}

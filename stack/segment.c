/*
 * TCP segments on their way out: checksums left to others, and segments merged for TSO.
 *
 * Interface: see segment.h.
 * Rules: lwIP stays the one that segments, counts and resends; what leaves in one turn and belongs
 * together travels as one packet with the facts to cut it into the very same segments. So all
 * segments of a run but the last are of one size, and differ only in sequence number, IPv4
 * identification, checksums, and PSH or FIN, which stand in the last.
 */
#include <string.h>
#include "segment.h"

#define ETHER     14u
#define TCP       6u
#define FRAGMENT  44u
#define FLAG_FIN  1u
#define FLAG_PSH  8u
#define FLAG_ACK  16u
#define CSUM_AT   16u
#define LONGEST   (65535u - 18u) /* 16 bits hold it, link headers and a tag included */
#define FLAGS(s)  ((s)->data[(s)->tcp + 13])
#define IS_IP6(s) ((s)->data[(s)->ip] >> 4 == 6)

static uint32_t get16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t get32(const uint8_t *at)
{
	return get16(at) << 16 | get16(at + 2);
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* The IP header's length; *kind is what is behind it. 0: cut short, or no IP (ARP starts with 0) */
static uint32_t ip_header(const uint8_t *ip, uint32_t have, enum segment_kind *kind)
{
	*kind = SEGMENT_NONE;
	if (have >= 20 && ip[0] >> 4 == 4) {
		if (ip[9] == TCP) /* MF and offset, RFC 791 3.1 */
			*kind = (ip[6] & 0x3f) | ip[7] ? SEGMENT_FRAGMENT : SEGMENT_TCP;
		return (ip[0] & 15u) * 4u;
	}
	if (have >= 48 && ip[0] >> 4 == 6) {
		if (ip[6] == TCP)
			*kind = SEGMENT_TCP;
		else if (ip[6] == FRAGMENT && ip[40] == TCP)
			*kind = SEGMENT_FRAGMENT;
		return 40;
	}
	return 0;
}

enum segment_kind segment_read(struct segment *s, const uint8_t *data, uint32_t have,
                               uint32_t length, bool ethernet)
{
	enum segment_kind kind;
	uint32_t ip = ethernet ? ETHER : 0;

	if (have <= ip)
		return SEGMENT_NONE;
	s->data = data;
	s->ip = ip;
	s->tcp = ip + ip_header(data + ip, have - ip, &kind);
	if (kind != SEGMENT_TCP)
		return kind;
	if (s->tcp + 20 > have)
		return SEGMENT_NONE;
	s->payload = s->tcp + (data[s->tcp + 12] >> 4) * 4u;
	if (s->payload > have || s->payload > length)
		return SEGMENT_NONE;
	s->length = length - s->payload;
	s->seq = get32(data + s->tcp + 4);
	return SEGMENT_TCP;
}

void run_add(struct run *r, const struct segment *s)
{
	r->next = s->seq + s->length;
	r->segments++;
	r->flags |= FLAGS(s) & (FLAG_PSH | FLAG_FIN);
	r->open = s->length == r->first.length && s->length && (FLAGS(s) & ~FLAG_PSH) == FLAG_ACK;
}

void run_start(struct run *r, const struct segment *s, const uint8_t *data)
{
	r->first = *s;
	r->first.data = data;
	r->segments = 0;
	r->flags = 0;
	run_add(r, s);
}

/* Bytes [from, to) of the headers are the same. They are few, and libc goes byte by byte. */
static bool same(const struct segment *a, const struct segment *b, uint32_t from, uint32_t to)
{
	uint8_t differ = 0;

	for (; to - from >= sizeof(uint32_t); from += sizeof(uint32_t)) {
		uint32_t x, y;

		memcpy(&x, a->data + from, sizeof(x));
		memcpy(&y, b->data + from, sizeof(y));
		if (x != y)
			return false;
	}
	for (; from < to; from++)
		differ |= a->data[from] ^ b->data[from];
	return !differ;
}

static bool same_ip(const struct segment *a, const struct segment *b)
{
	uint32_t ip = a->ip;

	if (IS_IP6(a)) /* all but the length */
		return same(a, b, 0, ip + 4) && same(a, b, ip + 6, a->tcp);
	return same(a, b, 0, ip + 2) && same(a, b, ip + 6, ip + 10) && same(a, b, ip + 12, a->tcp);
}

bool run_takes(const struct run *r, const struct segment *s)
{
	const struct segment *f = &r->first;
	uint32_t tcp = f->tcp;

	if (!r->open || s->seq != r->next || s->length == 0 || s->length > f->length ||
	    s->ip != f->ip || s->tcp != tcp || s->payload != f->payload)
		return false;
	if (f->payload + (s->seq - f->seq) + s->length > LONGEST)
		return false;
	return (FLAGS(s) & ~(FLAG_PSH | FLAG_FIN)) == FLAG_ACK && same(f, s, tcp, tcp + 4) &&
	       same(f, s, tcp + 8, tcp + 13) && same(f, s, tcp + 14, tcp + 16) &&
	       same(f, s, tcp + 18, f->payload) && same_ip(f, s);
}

/* What the first segment's headers do not yet say of the whole. */
static void complete(const struct run *r, uint8_t *data, uint32_t length)
{
	uint8_t *ip = data + r->first.ip;
	uint16_t sum;

	data[r->first.tcp + 13] |= r->flags;
	if (IS_IP6(&r->first)) {
		put16(ip + 4, length - r->first.ip - 40);
		return;
	}
	put16(ip + 2, length - r->first.ip);
	put16(ip + 10, 0);
	sum = (uint16_t)~mx_fold(mx_sum(ip, r->first.tcp - r->first.ip, 0));
	memcpy(ip + 10, &sum, sizeof(sum));
}

void run_finish(const struct run *r, uint8_t *data, uint32_t length, struct mx_packet *facts)
{
	const struct segment *f = &r->first;
	bool ip6 = IS_IP6(f);
	uint32_t addresses = f->ip + (ip6 ? 8 : 12);
	uint16_t sum = mx_fold(mx_sum(data + addresses, ip6 ? 32 : 8, TCP + length - f->tcp));

	memcpy(data + f->tcp + CSUM_AT, &sum, sizeof(sum));
	facts->flags = MX_CSUM_PARTIAL;
	facts->csum_start = (uint16_t)f->tcp;
	facts->csum_offset = CSUM_AT;
	if (r->segments == 1)
		return;
	complete(r, data, length);
	facts->gso = ip6 ? MX_GSO_TCP6 : MX_GSO_TCP4;
	facts->gso_size = (uint16_t)f->length;
	facts->hdr_len = (uint16_t)f->payload;
}

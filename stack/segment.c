/*
 * TCP segments on their way out: checksums and segmenting are left to others.
 *
 * Interface: see segment.h.
 * Rules: the checksum field holds the pseudo header's sum; a segment of more than one packet is
 * cut into packets that differ only in sequence number, IPv4 identification, lengths, checksums,
 * and PSH or FIN, which stand in the last (virtio 1.x 5.1.6.2).
 */
#include <string.h>
#include "segment.h"

#define ETHER     14u
#define TCP       6u
#define FRAGMENT  44u
#define CSUM_AT   16u
#define IS_IP6(s) ((s)->data[(s)->ip] >> 4 == 6)

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
	return SEGMENT_TCP;
}

void segment_leave(const struct segment *s, uint8_t *data, uint32_t unit, struct mx_packet *facts)
{
	bool ip6 = IS_IP6(s);
	uint32_t addresses = s->ip + (ip6 ? 8 : 12), tcp = s->payload + s->length - s->tcp;
	uint16_t sum = mx_fold(mx_sum(s->data + addresses, ip6 ? 32 : 8, TCP + tcp));

	memcpy(data + s->tcp + CSUM_AT, &sum, sizeof(sum));
	facts->flags = MX_CSUM_PARTIAL;
	facts->csum_start = (uint16_t)s->tcp;
	facts->csum_offset = CSUM_AT;
	if (s->length <= unit)
		return;
	facts->gso = ip6 ? MX_GSO_TCP6 : MX_GSO_TCP4;
	facts->gso_size = (uint16_t)unit;
	facts->hdr_len = (uint16_t)s->payload;
}

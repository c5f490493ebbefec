/*
 * ICMPv6 errors (RFC 4443 2.4, 3) and the checksum of ICMPv6 messages.
 */
#include "route.h"
#include "segment.h"

#define ERROR_HOPS 64

uint16_t icmp6_csum(const struct packet *k, uint32_t at)
{
	const struct ip6 *ip = (const struct ip6 *)k->ip;
	uint8_t pseudo[8] = {0, 0, 0, 0, 0, 0, 0, PROTO_ICMP6}; /* RFC 8200 8.1 */
	uint64_t sum = mx_sum(ip->src, 32, 0);
	uint16_t csum;

	store32(pseudo, k->size - at);
	sum = mx_sum(pseudo, sizeof(pseudo), sum);
	sum = mx_sum_chain(k->chain, k->n, at + ETH_HEADER, k->size + ETH_HEADER, sum);
	csum = mx_fold(sum);
	return (uint16_t)~load16((uint8_t *)&csum);
}

#define EXT_ROUTING     43
#define EXT_FRAGMENT    44
#define EXT_AUTH        51
#define EXT_DESTINATION 60
#define EXT_MOBILITY    135

static bool is_extension(uint8_t next)
{
	return next == PROTO_HOPOPTS || next == EXT_ROUTING || next == EXT_FRAGMENT ||
	       next == EXT_AUTH || next == EXT_DESTINATION || next == EXT_MOBILITY;
}

/*
 * Walks the extension headers (RFC 8200 4) to the upper layer; *at is its place. 0xff: it lies
 * beyond the first frame, or in another fragment.
 */
uint8_t icmp6_upper(const struct packet *k, uint32_t *at)
{
	uint8_t next = ((const struct ip6 *)k->ip)->next;

	for (*at = IP6_HEADER;;) {
		const uint8_t *h = k->ip + *at;

		if (!is_extension(next))
			return next;
		if (*at + 8 > k->have)
			return 0xff;
		switch (next) {
		case EXT_FRAGMENT: /* only the first has the upper layer's header */
			if (load16(h + 2) & 0xfff8)
				return 0xff;
			*at += 8;
			break;
		case EXT_AUTH:
			*at += (h[1] + 2u) * 4u;
			break;
		default:
			*at += 8u + h[1] * 8u;
		}
		next = h[0];
	}
}

/* RFC 4443 2.4 (e). Packet too big may answer a multicast. */
static bool may_tell(const struct packet *k, uint8_t type)
{
	const struct ip6 *ip = (const struct ip6 *)k->ip;
	struct ip src = ip_load(ip->src, 6), dst = ip_load(ip->dst, 6);
	uint32_t at;
	uint8_t proto = icmp6_upper(k, &at);

	if (k->in == &ports[SELF] || proto == 0xff || ip_zero(src) || ip6_multicast(src))
		return false;
	if (proto == PROTO_ICMP6 &&
	    (at >= k->have || k->ip[at] < ICMP6_INFORMATION || k->ip[at] == ICMP6_REDIRECT))
		return false;
	return type == ICMP6_TOO_BIG || !(ip6_multicast(dst) || k->group);
}

/* An own address of the scope that the sender can answer to, RFC 4443 2.2 (d). */
static const struct own *speaker(const struct port *in, struct ip to)
{
	const struct own *own = port_source(in, 6, to);

	if (ip6_link_local(to) || (own && !ip6_link_local(own->ip)))
		return own;
	for (uint32_t i = 0; i < MX_PORTS; i++) {
		const struct own *other = port_source(&ports[i], 6, to);

		if (other && !ip6_link_local(other->ip))
			return other;
	}
	return own;
}

static void tell(struct packet *k, uint8_t type, uint8_t code, uint32_t info)
{
	uint32_t quote = k->size, size = IP6_HEADER + ICMP_HEADER;
	struct packet e;
	struct mx_msg m;
	const struct own *source;
	struct ip6 *ip;
	struct icmp *icmp;

	if (!may_tell(k, type))
		return;
	source = speaker(k->in, ip_load(((struct ip6 *)k->ip)->src, 6));
	if (!source || !icmp_allowed(k->in))
		return;
	mx_complete_csum(k->chain, k->n);
	if (quote > IP6_MTU - size)
		quote = IP6_MTU - size;
	size += quote;
	if (!packet_new(&e, &m, size))
		return;
	ip = (struct ip6 *)e.ip;
	icmp = (struct icmp *)(ip + 1);
	*ip = (struct ip6){.ver_class = {0x60}, .next = PROTO_ICMP6, .hops = ERROR_HOPS};
	store16(ip->payload, (uint16_t)(size - IP6_HEADER));
	ip_store6(ip->src, source->ip);
	memcpy(ip->dst, ((struct ip6 *)k->ip)->src, 16);
	*icmp = (struct icmp){.type = type, .code = code};
	store32(icmp->info, info);
	packet_copy(k, 0, quote, (uint8_t *)(icmp + 1));
	store16(icmp->csum, icmp6_csum(&e, IP6_HEADER));
	k->in->count[ICMP_SENT]++;
	ipv6_output(&e, k->in);
}

/* The sender of a packet to be segmented knows its segments: the first is quoted. */
void icmp6_error(struct packet *k, uint8_t type, uint8_t code, uint32_t info)
{
	struct packet first;
	struct mx_msg m;

	if (!segment_first(k, &first, &m)) {
		tell(k, type, code, info);
		return;
	}
	tell(&first, type, code, info);
	mx_free_chain(&m, 1);
}

/*
 * ICMP errors for IPv4 (RFC 792; when and how: RFC 1122 3.2.2, RFC 1812 4.3) and the limit on
 * errors of both families.
 */
#include "replica.h"
#include "route.h"
#include "segment.h"

#define ERROR_MAX  576u /* RFC 1812 4.3.2.3: as much of the original as fits this */
#define ERROR_TOS  0xc0 /* 4.3.2.5: precedence 6 */
#define ERROR_TTL  64
#define RATE_GAP   (10 * MX_MS) /* 100 errors a second on a port ... */
#define RATE_BURST 20u          /* ... after this many at once (RFC 4443 2.4 (f)) */

/* A token bucket kept as the time at which it will be full again. */
bool icmp_allowed(struct port *p)
{
	uint64_t from = p->icmp_due > now ? p->icmp_due : now;
	uint64_t gap = RATE_GAP * replica_count(); /* together they keep the rate */

	if (from - now > (RATE_BURST - 1) * gap) {
		p->count[ICMP_LIMITED]++;
		return false;
	}
	p->icmp_due = from + gap;
	return true;
}

/* The original is itself an error, or its type cannot be seen. */
static bool is_error(const struct packet *k, uint32_t header)
{
	uint8_t type;

	if (((const struct ip4 *)k->ip)->proto != PROTO_ICMP)
		return false;
	if (k->have <= header)
		return true;
	type = k->ip[header];
	/* Only these are questions and answers: echo, router discovery, timestamp, information,
	   address mask (RFC 792, 950, 1256). What is not known is taken for an error. */
	return !(type == 0 || (type >= 8 && type <= 10) || (type >= 13 && type <= 18));
}

/* RFC 1122 3.2.2, RFC 1812 4.3.2.7: never about these. */
static bool may_tell(const struct packet *k)
{
	const struct ip4 *ip = (const struct ip4 *)k->ip;
	uint32_t src = load32(ip->src);

	if (k->in == &ports[SELF] || k->group || is_error(k, (ip->ver_ihl & 15) * 4u))
		return false;
	if (load16(ip->frag) & IP4_OFFSET)
		return false;
	if (src >> 24 == 0 || src >> 24 == 127 || src >> 28 >= 14 || load32(ip->dst) >> 28 >= 14)
		return false;
	return route_find(4, ip_of4(load32(ip->dst)))->hop->kind != HOP_BROADCAST &&
	       route_find(4, ip_of4(src))->hop->kind != HOP_BROADCAST;
}

/* RFC 1812 4.3.2.4: an address of the port the packet came in by; else any of ours. */
static const struct own *speaker(const struct port *in, struct ip to)
{
	const struct own *own = port_source(in, 4, to);

	for (uint32_t i = 0; i < MX_PORTS && !own; i++)
		own = port_source(&ports[i], 4, to);
	return own;
}

static void tell(struct packet *k, uint8_t type, uint8_t code, uint32_t info)
{
	uint32_t quote = k->size, size = IP4_HEADER + ICMP_HEADER;
	struct packet e;
	struct mx_msg m;
	const struct own *source;
	struct ip4 *ip;
	struct icmp *icmp;

	if (!may_tell(k))
		return;
	source = speaker(k->in, ip_load(((struct ip4 *)k->ip)->src, 4));
	if (!source || !icmp_allowed(k->in))
		return;
	mx_complete_csum(k->chain, k->n);
	if (quote > ERROR_MAX - size)
		quote = ERROR_MAX - size;
	size += quote;
	if (!packet_new(&e, &m, size))
		return;
	ip = (struct ip4 *)e.ip;
	icmp = (struct icmp *)(ip + 1);
	/* Identification 0 and DF: an atomic datagram, RFC 6864 4.1. */
	*ip = (struct ip4){.ver_ihl = 0x45,
	                   .tos = ERROR_TOS,
	                   .frag = {IP4_DF >> 8},
	                   .ttl = ERROR_TTL,
	                   .proto = PROTO_ICMP};
	store16(ip->total, (uint16_t)size);
	store32(ip->src, ip_to4(source->ip));
	memcpy(ip->dst, ((struct ip4 *)k->ip)->src, 4);
	store16(ip->csum, ipv4_csum(e.ip, IP4_HEADER));
	*icmp = (struct icmp){.type = type, .code = code};
	store32(icmp->info, info);
	packet_copy(k, 0, quote, (uint8_t *)(icmp + 1));
	store16(icmp->csum, ipv4_csum((uint8_t *)icmp, ICMP_HEADER + quote));
	k->in->count[ICMP_SENT]++;
	ipv4_output(&e, NULL);
}

/* The sender of a packet to be segmented knows its segments: the first is quoted. */
void icmp4_error(struct packet *k, uint8_t type, uint8_t code, uint32_t info)
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

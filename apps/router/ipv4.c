/*
 * IPv4 forwarding: the checks of RFC 1812 5.2.2 and 5.3.7, TTL, options, size.
 *
 * Not done, on purpose: redirects (4.3.3.2), directed broadcasts (5.3.5.2, RFC 2644), forwarding of
 * multicasts. Own addresses of any port are reached by every port.
 */
#include "route.h"
#include "segment.h"

#define OPTION_END  0
#define OPTION_NOP  1
#define OPTION_LSRR 131
#define OPTION_SSRR 137

#define ALL_SYSTEMS 0xe0000001u
#define BROADCAST   0xffffffffu

uint16_t ipv4_csum(const uint8_t *data, uint32_t n)
{
	uint16_t sum = mx_fold(mx_sum(data, n, 0));

	return (uint16_t)~load16((uint8_t *)&sum);
}

static uint32_t header_size(const struct packet *k)
{
	return (k->ip[0] & 15) * 4u;
}

/* A header without options is five words: not worth a loop. */
static bool sum_right(const uint8_t *ip, uint32_t size)
{
	uint64_t sum = 0;
	uint32_t word;

	if (size != IP4_HEADER)
		return mx_fold(mx_sum(ip, size, 0)) == 0xffff;
	for (uint32_t i = 0; i < IP4_HEADER / 4; i++) {
		memcpy(&word, ip + 4 * i, sizeof(word));
		sum += word;
	}
	sum = (sum >> 32) + (uint32_t)sum;
	sum = (sum >> 16) + (sum & 0xffff);
	return ((sum >> 16) + (sum & 0xffff)) % 0xffff == 0; /* 0 and 0xffff are one number */
}

/* RFC 1812 5.2.2 (1) to (5); cuts Ethernet's padding. */
static bool header_sane(struct packet *k)
{
	uint32_t header, total;

	if (k->have < IP4_HEADER || k->ip[0] >> 4 != 4)
		return false;
	header = header_size(k);
	total = load16(((struct ip4 *)k->ip)->total);
	if (header < IP4_HEADER || header > k->have || total < header || total > k->size)
		return false;
	if (total < k->size)
		packet_trim(k, total);
	return true;
}

/* RFC 1812 5.3.7: "this" network, loopback, multicast, class E and broadcast are no sources. */
static bool martian_source(uint32_t a)
{
	return a >> 24 == 0 || a >> 24 == 127 || a >> 28 >= 14;
}

static bool martian_target(uint32_t a)
{
	return a >> 24 == 0 || a >> 24 == 127 || (a >> 28 == 15 && a != BROADCAST);
}

static bool link_local(uint32_t a)
{
	return a >> 16 == 0xa9fe; /* 169.254/16, RFC 3927 2.7: never forwarded */
}

/* Source routes are a means of attack and refused (RFC 7126 4.3); a malformed list likewise. */
static bool options_sane(const struct packet *k)
{
	uint32_t end = header_size(k), at = IP4_HEADER;

	while (at < end && k->ip[at] != OPTION_END) {
		if (k->ip[at] == OPTION_NOP) {
			at++;
			continue;
		}
		if (k->ip[at] == OPTION_LSRR || k->ip[at] == OPTION_SSRR || at + 1 >= end ||
		    k->ip[at + 1] < 2 || k->ip[at + 1] > end - at)
			return false;
		at += k->ip[at + 1];
	}
	return true;
}

/* RFC 1624 3, with one word that loses 0x100. */
static void count_hop(struct ip4 *ip)
{
	uint32_t sum = (uint16_t)~load16(ip->csum) + 0xfeffu;

	ip->ttl--;
	store16(ip->csum, (uint16_t) ~(sum + (sum >> 16)));
}

/* Segments larger than the way out, whose sender allows fragments. */
static void fragment_segments(struct packet *k, struct dest *d)
{
	struct segments s;
	struct packet f;
	struct mx_msg m;

	if (!segment_begin(&s, k)) {
		packet_drop(k, DROP_GSO);
		return;
	}
	while (segment_next(&s, &f, &m)) {
		if (f.size <= ports[d->hop->port].mtu)
			route_send(&f, d);
		else
			ipv4_fragment(&f, d);
	}
	segment_end(&s, k);
}

static void send(struct packet *k, struct dest *d)
{
	if (k->size <= ports[d->hop->port].mtu || packet_segment(k) <= ports[d->hop->port].mtu)
		route_send(k, d);
	else if (mx_packet(k->chain)->gso)
		fragment_segments(k, d);
	else
		ipv4_fragment(k, d);
}

static bool stuck(const struct packet *k, const struct port *out)
{
	return k->size > out->mtu && (load16(((struct ip4 *)k->ip)->frag) & IP4_DF) &&
	       packet_segment(k) > out->mtu;
}

static void refuse(struct packet *k, uint8_t type, uint8_t code, uint32_t info, enum port_count why)
{
	icmp4_error(k, type, code, info);
	packet_drop(k, why);
}

static void forward(struct packet *k, struct dest *d)
{
	struct ip4 *ip = (struct ip4 *)k->ip;
	const struct port *out = &ports[d->hop->port];

	if (k->group) {
		packet_drop(k, DROP_BROADCAST); /* RFC 1812 5.3.4 */
	} else if (link_local(load32(ip->src)) || link_local(load32(ip->dst))) {
		packet_drop(k, DROP_SCOPE);
	} else if (ip->ver_ihl != 0x45 && !options_sane(k)) {
		packet_drop(k, DROP_OPTION);
	} else if (ip->ttl <= 1) {
		refuse(k, ICMP4_EXCEEDED, 0, 0, DROP_TTL);
	} else if (stuck(k, out)) {
		refuse(k, ICMP4_UNREACHABLE, ICMP4_NEEDS_FRAG, out->mtu, DROP_MTU); /* RFC 1191 */
	} else {
		count_hop(ip);
		send(k, d);
	}
}

static void dispatch(struct packet *k, struct dest *d)
{
	switch (d->hop->kind) {
	case HOP_LINK:
	case HOP_GATEWAY:
		forward(k, d);
		break;
	case HOP_LOCAL:
		if (k->group)
			packet_drop(k, DROP_BROADCAST); /* RFC 1122 3.3.6 */
		else
			local_input(k);
		break;
	case HOP_BROADCAST:
		if (d->hop->port == k->in->index && k->group)
			local_input(k);
		else
			packet_drop(k, DROP_BROADCAST);
		break;
	case HOP_BLACKHOLE:
		packet_drop(k, DROP_BLACKHOLE);
		break;
	default:
		if (k->group)
			packet_drop(k, DROP_BROADCAST);
		else
			refuse(k, ICMP4_UNREACHABLE, ICMP4_NET, 0, DROP_NOROUTE);
	}
}

void ipv4_input(struct packet *k)
{
	const struct ip4 *ip = (const struct ip4 *)k->ip;
	uint32_t dst;

	if (!header_sane(k)) {
		packet_drop(k, DROP_HEADER);
		return;
	}
	if (!sum_right(k->ip, header_size(k))) {
		packet_drop(k, DROP_CHECKSUM);
		return;
	}
	dst = load32(ip->dst);
	if (martian_source(load32(ip->src)) || martian_target(dst) ||
	    port_any_own(4, ip_of4(load32(ip->src))))
		packet_drop(k, DROP_MARTIAN);
	else if (dst == ALL_SYSTEMS || dst == BROADCAST)
		local_input(k);
	else if (dst >> 28 == 14)
		packet_drop(k, DROP_MULTICAST);
	else
		dispatch(k, route_find(4, ip_of4(dst)));
}

/* To a group or to everybody on the link: needs no neighbour. */
static void output_group(struct packet *k, struct port *out, uint32_t dst)
{
	uint8_t mac[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	if (!out || k->size > out->mtu) {
		packet_drop(k, DROP_MULTICAST);
		return;
	}
	if (dst != BROADCAST) { /* RFC 1112 6.4 */
		store16(mac, 0x0100);
		store32(mac + 2, 0x5e000000 | (dst & 0x7fffff));
	}
	ether_send(k, out, mac, ETH_IP4);
}

void ipv4_output(struct packet *k, struct port *wish)
{
	struct dest *d;
	uint32_t dst;

	if (!header_sane(k)) {
		packet_drop(k, DROP_HEADER);
		return;
	}
	dst = load32(((struct ip4 *)k->ip)->dst);
	if (dst >> 28 == 14 || dst == BROADCAST) {
		output_group(k, wish, dst);
		return;
	}
	d = route_find(4, ip_of4(dst));
	switch (d->hop->kind) {
	case HOP_LINK:
	case HOP_GATEWAY:
	case HOP_BROADCAST:
		if (stuck(k, &ports[d->hop->port]))
			packet_drop(k, DROP_MTU);
		else
			send(k, d);
		break;
	case HOP_LOCAL: /* the stack speaks to itself by another port's address: it knows that port
	                 */
		k->in = &ports[d->hop->port];
		local_input(k);
		break;
	case HOP_BLACKHOLE:
		packet_drop(k, DROP_BLACKHOLE);
		break;
	default:
		packet_drop(k, DROP_NOROUTE);
	}
}

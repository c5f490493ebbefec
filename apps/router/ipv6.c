/*
 * IPv6 forwarding (RFC 8200), scopes (RFC 4007 9), and what is for the router itself.
 *
 * Extension headers pass as they are; hop-by-hop options are not looked at, as RFC 8200 4.3
 * allows. Nothing is fragmented on the way.
 */
#include "neighbour.h"
#include "route.h"

static const struct ip loopback = {0, 1};

/* ::ffff:0:0/96 stands for IPv4 inside of hosts, never on a wire (RFC 4291 2.5.5.2, RFC 5156 2.2).
 */
static bool mapped(struct ip ip)
{
	return ip.hi == 0 && ip.lo >> 32 == 0xffff;
}

/* Nobody but us speaks from our addresses: its answer would go to ourselves (LAND). */
static bool own_source(const struct packet *k, struct ip src)
{
	return port_any_own(6, src) || ip_same(src, k->in->own[0].ip);
}

static bool header_sane(struct packet *k)
{
	uint32_t total;

	if (k->have < IP6_HEADER || k->ip[0] >> 4 != 6)
		return false;
	total = IP6_HEADER + load16(((struct ip6 *)k->ip)->payload);
	if (total > k->size)
		return false;
	if (total < k->size)
		packet_trim(k, total);
	return true;
}

/* ICMPv6 right behind the header, or behind the one hop-by-hop header of MLD; 0: it is not. */
static uint32_t icmp_at(const struct packet *k)
{
	const struct ip6 *ip = (const struct ip6 *)k->ip;
	uint32_t at = IP6_HEADER;
	uint8_t next = ip->next;

	if (next == PROTO_HOPOPTS && k->have >= at + 8) {
		next = k->ip[at];
		at += 8u + k->ip[at + 1] * 8u;
	}
	return next == PROTO_ICMP6 && k->have >= at + ICMP_HEADER ? at : 0;
}

static bool icmp_intact(const struct packet *k, uint32_t at)
{
	/* Of a local sender that left the sum to its NIC, or vouched for by the device. */
	if (mx_packet(k->chain)->flags & (MX_CSUM_PARTIAL | MX_CSUM_VALID))
		return true;
	return icmp6_csum(k, at) == 0;
}

/* ND behind other headers, or in a fragment, is none (RFC 6980): the stack is not to see it. */
static bool hides_nd(const struct packet *k)
{
	uint32_t at;

	return icmp6_upper(k, &at) == PROTO_ICMP6 && at < k->have && k->ip[at] >= ICMP6_RS &&
	       k->ip[at] <= ICMP6_REDIRECT;
}

/* For an address or group of ours. ND and MLD end here, the rest is the stack's. */
static void local(struct packet *k)
{
	uint32_t at = icmp_at(k);
	uint8_t type = at ? k->ip[at] : 0;
	bool nd = type >= ICMP6_RS && type <= ICMP6_REDIRECT;
	struct ip src = ip_load(((struct ip6 *)k->ip)->src, 6);
	bool mld = (type >= ICMP6_QUERY && type <= ICMP6_DONE) || type == ICMP6_REPORT2;

	if ((nd || mld) && !icmp_intact(k, at))
		packet_drop(k, DROP_CHECKSUM);
	else if (nd)
		nd_input(k, at);
	else if (mld)
		mld_input(k, at);
	else if (hides_nd(k))
		packet_drop(k, DROP_ND);
	else if (ip_zero(src) || own_source(k, src))
		packet_drop(k, DROP_MARTIAN); /* only ND and MLD speak from nowhere */
	else
		local_input(k);
}

/* The groups a router is in, RFC 4291 2.8. */
static bool joined(struct port *p, struct ip group)
{
	if (group.hi == 0xff02ull << 48 && (group.lo == 1 || group.lo == 2))
		return true;
	for (uint32_t i = 0; i < p->own_n; i++) {
		if (p->own[i].family == 6 && ip_same(group, ip6_solicited(p->own[i].ip)))
			return true;
	}
	return false;
}

static bool stuck(const struct packet *k, const struct port *out)
{
	return k->size > out->mtu && packet_segment(k) > out->mtu;
}

static void refuse(struct packet *k, uint8_t type, uint8_t code, uint32_t info, enum port_count why)
{
	icmp6_error(k, type, code, info);
	packet_drop(k, why);
}

static void forward(struct packet *k, struct dest *d)
{
	struct ip6 *ip = (struct ip6 *)k->ip;
	const struct port *out = &ports[d->hop->port];
	struct ip src = ip_load(ip->src, 6);

	if (k->group) {
		packet_drop(k, DROP_BROADCAST);
	} else if (ip_zero(src) || port_any_own(6, src)) {
		packet_drop(k, DROP_MARTIAN); /* RFC 4291 2.5.2 */
	} else if (ip6_link_local(src)) {
		refuse(k, ICMP6_UNREACHABLE, ICMP6_SCOPE, 0, DROP_SCOPE); /* RFC 4443 3.1 */
	} else if (ip->hops <= 1) {
		refuse(k, ICMP6_EXCEEDED, 0, 0, DROP_TTL);
	} else if (stuck(k, out)) {
		refuse(k, ICMP6_TOO_BIG, 0, out->mtu > IP6_MTU ? out->mtu : IP6_MTU, DROP_MTU);
	} else {
		ip->hops--;
		route_send(k, d);
	}
}

static void unicast(struct packet *k, struct ip dst)
{
	struct dest *d = route_find(6, dst);

	switch (d->hop->kind) {
	case HOP_LINK:
	case HOP_GATEWAY:
		forward(k, d);
		break;
	case HOP_LOCAL:
		local(k);
		break;
	case HOP_BLACKHOLE:
		packet_drop(k, DROP_BLACKHOLE);
		break;
	default:
		refuse(k, ICMP6_UNREACHABLE, ICMP6_NO_ROUTE, 0, DROP_NOROUTE);
	}
}

void ipv6_input(struct packet *k)
{
	const struct ip6 *ip = (const struct ip6 *)k->ip;
	struct ip src, dst;

	if (!header_sane(k)) {
		packet_drop(k, DROP_HEADER);
		return;
	}
	src = ip_load(ip->src, 6);
	dst = ip_load(ip->dst, 6);
	if (ip6_multicast(src) || ip_same(src, loopback) || ip_same(dst, loopback) ||
	    ip_zero(dst) || mapped(src) || mapped(dst)) {
		packet_drop(k, DROP_MARTIAN);
	} else if (ip6_multicast(dst)) {
		if (joined(k->in, dst))
			local(k);
		else
			packet_drop(k, DROP_MULTICAST);
	} else if (ip6_link_local(dst)) {
		if (ip_same(dst, k->in->own[0].ip))
			local(k);
		else
			packet_drop(k, DROP_SCOPE);
	} else {
		unicast(k, dst);
	}
}

/* Link-local destinations know no route: the port is the sender's wish. */
static void output_link(struct packet *k, struct port *out, struct ip dst)
{
	uint8_t mac[6] = {0x33, 0x33}; /* RFC 2464 7 */
	struct neighbour *nb;

	if (!out || k->size > out->mtu) {
		packet_drop(k, out ? DROP_MTU : DROP_SCOPE);
		return;
	}
	if (ip6_multicast(dst)) {
		store32(mac + 2, (uint32_t)dst.lo);
		ether_send(k, out, mac, ETH_IP6);
		return;
	}
	nb = neighbour_get(out, 6, dst);
	if (nb)
		neighbour_send(nb, k);
	else
		packet_drop(k, DROP_NEIGHBOUR);
}

void ipv6_output(struct packet *k, struct port *wish)
{
	struct dest *d;
	struct ip dst;

	if (!header_sane(k)) {
		packet_drop(k, DROP_HEADER);
		return;
	}
	dst = ip_load(((struct ip6 *)k->ip)->dst, 6);
	if (ip6_multicast(dst) || ip6_link_local(dst)) {
		output_link(k, wish, dst);
		return;
	}
	d = route_find(6, dst);
	switch (d->hop->kind) {
	case HOP_LINK:
	case HOP_GATEWAY:
		if (stuck(k, &ports[d->hop->port]))
			packet_drop(k, DROP_MTU);
		else
			route_send(k, d);
		break;
	case HOP_LOCAL: /* the stack speaks to itself: as in ipv4_output */
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

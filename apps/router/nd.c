/*
 * IPv6 neighbour discovery (RFC 4861), as a router that sends no advertisements.
 *
 * Solicitations and advertisements are served; RS, RA and redirects are checked no further than
 * their counter: we do not advertise, and a router learns nothing from the other two.
 * Duplicate address detection is the optimistic one (RFC 4429): probes are sent, the address is
 * in use at once, and until they are over our advertisements do not override.
 */
#include <moxie/slots.h>
#include "neighbour.h"
#include "route.h"

#define ND_HOPS 255 /* RFC 4861 3.1: proves that the packet is from this link */

static const struct ip all_nodes = {0xff02ull << 48, 1};

static void multicast_mac(uint8_t mac[6], struct ip group)
{
	store16(mac, 0x3333);
	store32(mac + 2, (uint32_t)group.lo);
}

/* One ND message; mac NULL: to the MAC of the multicast destination. option 0: no option. */
struct nd_message {
	struct ip src, dst, target;
	uint8_t type, flags, option;
};

static void nd_send(struct port *p, const struct nd_message *o, const uint8_t *mac)
{
	uint32_t size = (uint32_t)sizeof(struct nd) + (o->option ? 8 : 0);
	uint8_t group[6];
	struct packet k;
	struct mx_msg m;
	struct ip6 *ip;
	struct nd *nd;

	if (!packet_new(&k, &m, IP6_HEADER + size))
		return;
	ip = (struct ip6 *)k.ip;
	nd = (struct nd *)(ip + 1);
	*ip = (struct ip6){.ver_class = {0x60}, .next = PROTO_ICMP6, .hops = ND_HOPS};
	store16(ip->payload, (uint16_t)size);
	ip_store6(ip->src, o->src);
	ip_store6(ip->dst, o->dst);
	*nd = (struct nd){.icmp = {.type = o->type, .info = {o->flags}}};
	ip_store6(nd->target, o->target);
	if (o->option) {
		uint8_t *option = (uint8_t *)(nd + 1);

		option[0] = o->option;
		option[1] = 1; /* in units of 8 bytes */
		memcpy(option + 2, p->mac, 6);
	}
	store16(nd->icmp.csum, icmp6_csum(&k, IP6_HEADER));
	if (!mac) {
		multicast_mac(group, o->dst);
		mac = group;
	}
	ether_send(&k, p, mac, ETH_IP6);
}

void nd_solicit(struct port *p, struct ip target, const uint8_t *mac)
{
	const struct own *source = port_source(p, 6, target);
	struct nd_message o = {.dst = mac ? target : ip6_solicited(target),
	                       .target = target,
	                       .type = ICMP6_NS,
	                       .option = ND_SOURCE};

	if (!source)
		return;
	o.src = source->ip;
	nd_send(p, &o, mac);
}

/* RFC 4862 5.4.2: from the unspecified address, without our MAC. */
void nd_probe(struct port *p, const struct own *own)
{
	struct nd_message o = {.dst = ip6_solicited(own->ip), .target = own->ip, .type = ICMP6_NS};

	nd_send(p, &o, NULL);
}

/* RFC 4861 7.2.6; RFC 4429 3.3: no override while the address is optimistic. */
void nd_announce(struct port *p, const struct own *own, bool override)
{
	struct nd_message o = {.src = own->ip,
	                       .dst = all_nodes,
	                       .target = own->ip,
	                       .type = ICMP6_NA,
	                       .flags = ND_ROUTER | (override ? ND_OVERRIDE : 0),
	                       .option = ND_TARGET};

	nd_send(p, &o, NULL);
}

/*
 * The link-layer address in option `want`, or NULL. False when the options are malformed: one of
 * length 0, or one that leaves the packet (RFC 4861 7.1.1).
 */
static bool nd_option(const uint8_t *p, uint32_t n, uint8_t want, const uint8_t **mac)
{
	*mac = NULL;
	while (n > 0) {
		uint32_t size;

		if (n < 8)
			return false;
		size = p[1] * 8u;
		if (size == 0 || size > n)
			return false;
		if (p[0] == want && size == 8 && !(p[2] & 1))
			*mac = p + 2;
		p += size;
		n -= size;
	}
	return true;
}

static void nd_conflict(struct port *p, struct own *own, const uint8_t *mac)
{
	p->count[CONFLICT]++;
	if (!own->conflict && mac)
		mx_log("eth%u: an IPv6 address ...:%04x is also used by "
		       "%02x:%02x:%02x:%02x:%02x:%02x",
		       p->index, (unsigned)(own->ip.lo & 0xffff), mac[0], mac[1], mac[2], mac[3],
		       mac[4], mac[5]);
	else if (!own->conflict)
		mx_log("eth%u: an IPv6 address ...:%04x is also being probed by another host",
		       p->index, (unsigned)(own->ip.lo & 0xffff));
	own->conflict = true;
}

/* What an ND message says, copied out so that its frame can be freed before the answer. */
struct heard {
	struct ip src, dst, target;
	uint8_t flags;
	bool has_mac;
	uint8_t mac[6];
};

static void heard_solicit(struct port *p, const struct heard *h)
{
	struct own *own = port_own(p, 6, h->target);
	struct nd_message o = {.src = h->target,
	                       .dst = h->src,
	                       .target = h->target,
	                       .type = ICMP6_NA,
	                       .flags = ND_ROUTER,
	                       .option = ND_TARGET};
	struct neighbour *nb;

	if (!own)
		return;
	if (ip_zero(h->src)) { /* it wants the address: RFC 4862 5.4.3 */
		if (announce_tentative(p))
			nd_conflict(p, own, NULL);
		nd_announce(p, own, true);
		return;
	}
	if (h->has_mac)
		neighbour_learn(p, 6, h->src, h->mac);
	o.flags |= ND_SOLICITED | (announce_tentative(p) ? 0 : ND_OVERRIDE);
	if (h->has_mac) {
		nd_send(p, &o, h->mac);
		return;
	}
	/* A unicast probe may come without the MAC: answer if we know it, as a prober expects. */
	nb = neighbour_find(p, 6, h->src);
	if (nb && nb->state != NB_INCOMPLETE)
		nd_send(p, &o, nb->mac);
}

static void heard_advert(struct port *p, const struct heard *h)
{
	struct own *own = port_own(p, 6, h->target);
	uint32_t flags = (h->flags & ND_SOLICITED ? NB_SOLICITED : 0) |
	                 (h->flags & ND_OVERRIDE ? NB_OVERRIDE : 0);

	if (own) {
		if (!h->has_mac || !mac_same(h->mac, p->mac))
			nd_conflict(p, own, h->has_mac ? h->mac : NULL);
		return;
	}
	neighbour_answer(p, 6, h->target, h->has_mac ? h->mac : NULL, flags);
}

/* The rules of RFC 4861 7.1.1 and 7.1.2 for addresses. */
static bool nd_sane(const struct heard *h, uint8_t type)
{
	if (ip6_multicast(h->target) || ip_zero(h->target))
		return false;
	if (type == ICMP6_NA)
		return !(ip6_multicast(h->dst) && (h->flags & ND_SOLICITED)) && !ip_zero(h->src);
	if (!ip_zero(h->src))
		return true;
	return !h->has_mac && ip_same(h->dst, ip6_solicited(h->target));
}

/* Fills h; false when the message breaks a rule. ip6_input has checked its checksum. */
static bool nd_read(const struct packet *k, uint32_t at, struct heard *h)
{
	const struct ip6 *ip = (const struct ip6 *)k->ip;
	const struct nd *nd = (const struct nd *)(k->ip + at);
	const uint8_t *mac;

	if (k->size != k->have || k->size < at + sizeof(*nd))
		return false;
	h->src = ip_load(ip->src, 6);
	h->dst = ip_load(ip->dst, 6);
	h->target = ip_load(nd->target, 6);
	h->flags = nd->icmp.info[0];
	if (!nd_option((const uint8_t *)(nd + 1), k->size - at - (uint32_t)sizeof(*nd),
	               nd->icmp.type == ICMP6_NS ? ND_SOURCE : ND_TARGET, &mac))
		return false;
	h->has_mac = mac != NULL;
	if (mac)
		memcpy(h->mac, mac, 6);
	return nd_sane(h, nd->icmp.type);
}

void nd_input(struct packet *k, uint32_t at)
{
	const struct icmp *icmp = (const struct icmp *)(k->ip + at);
	uint8_t type = icmp->type;
	struct heard h;

	if (((const struct ip6 *)k->ip)->hops != ND_HOPS || icmp->code != 0) {
		packet_drop(k, DROP_ND);
		return;
	}
	if (type != ICMP6_NS && type != ICMP6_NA) {
		k->in->count[ND_IN]++;
		mx_free_chain(k->chain, k->n);
		return;
	}
	if (!nd_read(k, at, &h)) {
		packet_drop(k, DROP_ND);
		return;
	}
	k->in->count[ND_IN]++;
	mx_free_chain(k->chain, k->n); /* before the answer: it may be the last frame */
	if (type == ICMP6_NS)
		heard_solicit(k->in, &h);
	else
		heard_advert(k->in, &h);
}

/*
 * ARP (RFC 826), with the duties of address conflict detection (RFC 5227).
 *
 * We answer for the addresses of the port that was asked, and learn only from who asks us, so a
 * host cannot fill the neighbour table by talking to others. Who is known already is updated by
 * any packet, as RFC 826 says. A sender must be in a net of the port.
 */
#include "neighbour.h"
#include "route.h"

#define ARP_REQUEST     1
#define ARP_REPLY       2
#define DEFEND_INTERVAL (10 * MX_S) /* RFC 5227 1.1 */

static void arp_send(struct port *p, uint16_t op, uint32_t spa, const uint8_t *tha, uint32_t tpa)
{
	static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const struct arp empty = {
	        .htype = {0, 1}, .ptype = {0x08, 0x00}, .hlen = 6, .plen = 4};
	struct packet k;
	struct mx_msg m;
	struct arp *a;

	if (!packet_new(&k, &m, sizeof(*a)))
		return;
	a = (struct arp *)k.ip;
	*a = empty;
	store16(a->op, op);
	memcpy(a->sha, p->mac, 6);
	store32(a->spa, spa);
	store32(a->tpa, tpa);
	if (tha)
		memcpy(a->tha, tha, 6);
	ether_send(&k, p, tha ? tha : broadcast, ETH_ARP);
}

void arp_request(struct port *p, struct ip target, const uint8_t *mac)
{
	const struct own *source = port_source(p, 4, target);

	if (source)
		arp_send(p, ARP_REQUEST, ip_to4(source->ip), mac, ip_to4(target));
}

/* RFC 5227 2.3: a request whose sender and target are the address announced. */
void arp_announce(struct port *p, const struct own *own)
{
	arp_send(p, ARP_REQUEST, ip_to4(own->ip), NULL, ip_to4(own->ip));
}

static bool arp_sane(const struct arp *a, uint32_t have)
{
	return have >= sizeof(*a) && load16(a->htype) == 1 && load16(a->ptype) == ETH_IP4 &&
	       a->hlen == 6 && a->plen == 4 && !(a->sha[0] & 1) &&
	       (load16(a->op) == ARP_REQUEST || load16(a->op) == ARP_REPLY);
}

/* Somebody else says it has our address: say no, but not in an endless quarrel (2.4 (b)). */
static void arp_conflict(struct port *p, struct own *own, const uint8_t *mac)
{
	uint32_t a = ip_to4(own->ip);

	p->count[CONFLICT]++;
	if (!own->conflict)
		mx_log("eth%u: %u.%u.%u.%u is also used by %02x:%02x:%02x:%02x:%02x:%02x", p->index,
		       a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255, mac[0], mac[1], mac[2],
		       mac[3], mac[4], mac[5]);
	own->conflict = true;
	if (p->defended && now - p->defended < DEFEND_INTERVAL)
		return;
	p->defended = now;
	arp_announce(p, own);
}

static bool on_link(const struct port *p, struct ip ip)
{
	for (uint32_t i = 0; i < p->own_n; i++) {
		const struct own *own = &p->own[i];

		if (own->family == 4 &&
		    ip_same(ip_net(ip, own->prefix), ip_net(own->ip, own->prefix)))
			return true;
	}
	return false;
}

static void arp_heard(struct port *p, const struct arp *a)
{
	struct ip sender = ip_of4(load32(a->spa)), target = ip_of4(load32(a->tpa));
	struct own *mine = port_own(p, 4, target), *thief = port_own(p, 4, sender);
	bool request = load16(a->op) == ARP_REQUEST;

	if (thief) {
		if (!mac_same(a->sha, p->mac))
			arp_conflict(p, thief, a->sha);
		return;
	}
	if (!ip_zero(sender)) { /* zero: a probe, RFC 5227 2.1.1, says nothing of its sender */
		if (!on_link(p, sender)) {
			p->count[DROP_ARP]++;
			return;
		}
		if (request && mine)
			neighbour_learn(p, 4, sender, a->sha);
		else
			neighbour_answer(p, 4, sender, a->sha,
			                 NB_OVERRIDE | (!request && mine ? NB_SOLICITED : 0));
	}
	if (request && mine)
		arp_send(p, ARP_REPLY, ip_to4(target), a->sha, ip_to4(sender));
}

void arp_input(struct packet *k)
{
	struct arp a;

	if (!arp_sane((const struct arp *)k->ip, k->have)) {
		packet_drop(k, DROP_ARP);
		return;
	}
	k->in->count[ARP_IN]++;
	memcpy(&a, k->ip, sizeof(a));
	mx_free_chain(k->chain, k->n); /* before the answer: it may be the last frame */
	arp_heard(k->in, &a);
}

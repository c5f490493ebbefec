/*
 * Ethernet II, in and out, and the doors to the drivers and the stack.
 *
 * Only frames that are meant for the appliance pass: QEMU's NICs start promiscuous and may stay
 * so. Tagged frames are dropped: an untagged port has no business with them.
 */
#include <moxie/slots.h>
#include "egress.h"
#include "route.h"
#include "segment.h"

#define GROUP4 0x01005eu /* RFC 1112 6.4 */
#define GROUP6 0x3333u   /* RFC 2464 7 */

/* An IPv6 group we are in: all nodes, all routers, and the solicited-node groups. */
static bool joined6(const struct port *p, uint32_t group)
{
	if (group == 1 || group == 2)
		return true;
	for (uint32_t i = 0; i < p->own_n; i++) {
		if (p->own[i].family == 6 && group == (uint32_t)ip6_solicited(p->own[i].ip).lo)
			return true;
	}
	return false;
}

static bool wanted(const struct port *p, const uint8_t *dst)
{
	if (mac_same(dst, p->mac))
		return true;
	if (!(dst[0] & 1))
		return false;
	if (load16(dst) == GROUP6)
		return joined6(p, load32(dst + 2));
	if (load32(dst) >> 8 == GROUP4)
		return load32(dst + 2) == 0x5e000001; /* all systems */
	return load32(dst) == 0xffffffff && load16(dst + 4) == 0xffff;
}

void ether_input(struct port *in, struct mx_msg *chain, uint32_t n)
{
	const struct eth *eth;
	struct packet k;

	packet_of(&k, chain, n, in);
	in->count[RX_PACKETS]++;
	in->count[RX_BYTES] += mx_packet(chain)->length;
	if (chain->length < ETH_HEADER) {
		packet_drop(&k, DROP_HEADER);
		return;
	}
	eth = (const struct eth *)(k.ip - ETH_HEADER);
	k.group = eth->dst[0] & 1;
	if (!router_open || !in->exists || !in->up) {
		packet_drop(&k, DROP_CLOSED);
	} else if (!wanted(in, eth->dst)) {
		packet_drop(&k, DROP_MAC);
	} else {
		switch (load16(eth->type)) {
		case ETH_IP4:
			ipv4_input(&k);
			break;
		case ETH_IP6:
			ipv6_input(&k);
			break;
		case ETH_ARP:
			arp_input(&k);
			break;
		case ETH_VLAN:
		case ETH_QINQ:
			packet_drop(&k, DROP_VLAN);
			break;
		default:
			packet_drop(&k, DROP_TYPE);
		}
	}
}

static void send_segments(struct packet *k, struct port *out, const uint8_t mac[6], uint16_t type)
{
	struct segments s;
	struct packet f;
	struct mx_msg m;

	if (!segment_begin(&s, k)) {
		packet_drop(k, DROP_GSO);
		return;
	}
	while (segment_next(&s, &f, &m))
		ether_send(&f, out, mac, type);
	segment_end(&s, k);
}

/* Does here what the port cannot: true when nothing is left to do with k, it is sent or dropped. */
static bool stand_in(struct packet *k, struct port *out, const uint8_t mac[6], uint16_t type)
{
	uint16_t need = mx_needs(mx_packet(k->chain));

	if (!(need & ~out->features) || (need == MX_TX_CSUM && mx_complete_csum(k->chain, k->n)))
		return false;
	if (mx_packet(k->chain)->gso)
		send_segments(k, out, mac, type);
	else
		packet_drop(k, DROP_GSO);
	return true;
}

void ether_send(struct packet *k, struct port *out, const uint8_t mac[6], uint16_t type)
{
	struct eth *eth = (struct eth *)(k->ip - ETH_HEADER);
	uint32_t length = k->size + ETH_HEADER;

	if (!out->up) {
		if (out->absent)
			k->in = out;
		packet_drop(k, out->absent ? DROP_DRIVER : DROP_CLOSED);
		return;
	}
	if ((mx_packet(k->chain)->gso || mx_packet(k->chain)->flags) && stand_in(k, out, mac, type))
		return;
	memcpy(eth->dst, mac, 6);
	memcpy(eth->src, out->mac, 6);
	store16(eth->type, type);
	mx_packet(k->chain)->port = out->index;
	if (!mx_seal(k->chain, k->n) || !egress_send(out, k->chain, k->n)) {
		k->in = out;
		packet_drop(k, DROP_CREDIT);
		return;
	}
	out->count[TX_PACKETS]++;
	out->count[TX_BYTES] += length;
}

/* To the stack: from the IP header on; the facts count from there, too. */
void local_input(struct packet *k)
{
	struct mx_packet *facts = mx_packet(k->chain);

	for (uint32_t i = 0; i < k->n; i++)
		k->chain[i].kind = MX_IP;
	k->chain->offset += ETH_HEADER;
	k->chain->length -= ETH_HEADER;
	facts->length -= ETH_HEADER;
	if (facts->flags & MX_CSUM_PARTIAL)
		facts->csum_start -= ETH_HEADER;
	if (facts->hdr_len >= ETH_HEADER)
		facts->hdr_len -= ETH_HEADER;
	facts->port = k->in->index;
	if ((facts->gso || facts->flags) && mx_needs(facts) == MX_TX_NEVER) {
		packet_drop(k, DROP_GSO); /* they pointed behind the packet, into its padding */
		return;
	}
	if (!egress_local(k->in, k->chain, k->n))
		packet_drop(k, DROP_STACK);
	else
		k->in->count[LOCAL]++;
}

/* The stack is another domain: what it says about its packet is checked before it is used. */
static bool stack_facts(struct mx_msg *chain, uint32_t n)
{
	struct mx_packet *facts = mx_packet(chain);
	uint32_t length = 0;

	for (uint32_t i = 0; i < n; i++) {
		length += chain[i].length;
		if (chain[i].kind != MX_IP || chain[i].frame == MX_NOFRAME)
			return false;
	}
	if (chain->offset < MX_VNET + ETH_HEADER || chain->length == 0 || facts->length != length ||
	    length > UINT16_MAX || mx_is_frozen(chain->frame)) /* the headers are written to */
		return false;
	for (uint32_t i = 0; i < n; i++)
		chain[i].kind = MX_ETHER;
	chain->offset -= ETH_HEADER;
	chain->length += ETH_HEADER;
	facts->length += ETH_HEADER;
	facts->csum_start += ETH_HEADER;
	facts->hdr_len += ETH_HEADER;
	return true;
}

void stack_input(struct mx_msg *chain, uint32_t n)
{
	struct port *self = &ports[SELF];
	uint8_t wish = mx_packet(chain)->port;
	struct port *out = wish < MX_PORTS && ports[wish].exists ? &ports[wish] : NULL;
	struct packet k;

	self->count[RX_PACKETS]++;
	if (!stack_facts(chain, n)) {
		self->count[DROP_HEADER]++;
		mx_free_chain(chain, n);
		return;
	}
	packet_of(&k, chain, n, self);
	mx_packet(chain)->port = SELF;
	self->count[RX_BYTES] += k.size;
	if (!router_open)
		packet_drop(&k, DROP_CLOSED);
	else if (k.ip[0] >> 4 == 4)
		ipv4_output(&k, out);
	else if (k.ip[0] >> 4 == 6)
		ipv6_output(&k, out);
	else
		packet_drop(&k, DROP_HEADER);
}

/*
 * Ports: one lwIP netif each, and one more for every further IPv4 address (lwIP has one a netif).
 *
 * Interface: see port.h.
 * Rules: a port whose driver is bound to us is an Ethernet netif: lwIP does ARP, ND and MLD.
 * Else it is the router's: the netif hands over bare IP packets, and the router does all that.
 * A port works once init named it and its peer told the link; the order does not matter.
 */
#include <string.h>
#include <moxie/slots.h>
#include "lwip/opt.h"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/ip.h"
#include "lwip/prot/etharp.h"
#include "netif/ethernet.h"
#include "announce.h"
#include "output.h"
#include "port.h"
#include "timer.h"

#define EXTRA 32u /* further IPv4 addresses of all ports */

static struct port ports[MX_PORTS];
static struct netif extra[EXTRA];
static uint32_t extra_n;

void port_start(void)
{
	for (uint32_t i = 0; i < MX_PORTS; i++) {
		struct port *p = &ports[i];

		p->number = (uint8_t)i;
		p->ethernet = mx_boot->slots[MX_STACK_PORT + i].kind == MX_SLOT_OWNING;
		p->slot = p->ethernet ? MX_STACK_PORT + i : MX_STACK_ROUTER;
		p->checksums = NETIF_CHECKSUM_ENABLE_ALL;
	}
}

struct port *port_find(uint32_t slot, uint32_t number)
{
	if (slot >= MX_STACK_REPLICA && slot < MX_STACK_APP)
		slot = MX_STACK_ROUTER;
	if (slot >= MX_STACK_PORT && slot < MX_STACK_PORT + MX_PORTS)
		number = slot - MX_STACK_PORT;
	if (number >= MX_PORTS || ports[number].slot != slot)
		return NULL;
	return &ports[number];
}

bool port_is_ethernet(const struct netif *n)
{
	return ((const struct port *)n->state)->ethernet;
}

static err_t send_ip4(struct netif *n, struct pbuf *p, const ip4_addr_t *dest)
{
	struct port *port = n->state;

	(void)dest;
	return output_packet(port, p);
}

static err_t send_ip6(struct netif *n, struct pbuf *p, const ip6_addr_t *dest)
{
	struct port *port = n->state;

	(void)dest;
	return output_packet(port, p);
}

static err_t send_ethernet(struct netif *n, struct pbuf *p)
{
	struct port *port = n->state;

	return output_packet(port, p);
}

static err_t init_netif(struct netif *n)
{
	struct port *port = n->state;

	memcpy(n->name, "et", 2);
	n->mtu = 1500;
	n->hwaddr_len = ETH_HWADDR_LEN;
	if (port->ethernet) {
		n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
		           NETIF_FLAG_MLD6;
		n->output = etharp_output;
		n->output_ip6 = ethip6_output;
		n->linkoutput = send_ethernet;
	} else {
		n->flags = NETIF_FLAG_BROADCAST;
		n->output = send_ip4;
		n->output_ip6 = send_ip6;
	}
	return ERR_OK;
}

/* A partial checksum is the first of all offloads: the others build on it. */
static void set_offload(struct port *port, uint16_t features)
{
	struct netif *n;

	port->offload = features & MX_TX_CSUM && !port->fragments ? features : 0;
	port->checksums = NETIF_CHECKSUM_ENABLE_ALL;
	if (port->offload)
		port->checksums &= (uint16_t)~NETIF_CHECKSUM_GEN_TCP;
	NETIF_FOREACH(n)
	if (n->state == port)
		NETIF_SET_CHECKSUM_CTRL(n, port->checksums);
}

bool port_can_segment(const struct port *port, bool ip6)
{
	uint16_t needed = MX_TX_CSUM | (ip6 ? MX_TX_TSO6 : MX_TX_TSO4);

	return (port->offload & needed) == needed;
}

void port_compute(struct port *port)
{
	port->fragments = true;
	set_offload(port, 0);
}

static void apply_link(struct port *port, struct netif *n)
{
	const struct mx_link *l = &port->link;

	memcpy(n->hwaddr, l->mac, ETH_HWADDR_LEN);
	n->mtu = port->mtu ? port->mtu : l->mtu;
	if (n->mtu < 576) /* RFC 791: nobody may have less; also guards lwIP's arithmetic */
		n->mtu = 1500;
	if (!l->up) {
		netif_set_link_down(n);
		return;
	}
	netif_set_link_up(n); /* sends gratuitous ARP */
	if (n == &port->netif)
		announce_ip6(n);
}

/* Both facts known: bring the port to its state. */
static void apply(struct port *port)
{
	if (!port->configured || !port->linked)
		return;
	memcpy(port->netif.hwaddr, port->link.mac, ETH_HWADDR_LEN);
	netif_create_ip6_linklocal_address(&port->netif, 1); /* EUI-64, RFC 4291 appendix A */
	apply_link(port, &port->netif);
	for (uint32_t i = 0; i < extra_n; i++)
		if (extra[i].state == port)
			apply_link(port, &extra[i]);
}

static struct netif *add_netif(struct port *port, struct netif *n, const ip4_addr_t *addr,
                               const ip4_addr_t *mask)
{
	netif_add(n, addr, mask, NULL, port, init_netif,
	          port->ethernet ? ethernet_input : ip_input);
	NETIF_SET_CHECKSUM_CTRL(n, port->checksums);
	netif_set_up(n);
	return n;
}

void port_add(const struct mx_control *m)
{
	struct port *port;

	if (m->port >= MX_PORTS || ports[m->port].configured)
		return;
	port = &ports[m->port];
	port->configured = true;
	port->mtu = (uint16_t)m->value;
	add_netif(port, &port->netif, NULL, NULL);
	if (!netif_default)
		netif_set_default(&port->netif);
	if (port->ethernet)
		timer_link();
	apply(port);
}

/* Init may tell again what it told: see moxie/control.h. */
static bool has_ip4(const struct port *port, const ip4_addr_t *addr)
{
	const struct netif *n;

	NETIF_FOREACH(n)
	if (n->state == port && ip4_addr_cmp(netif_ip4_addr(n), addr))
		return true;
	return false;
}

static void add_ip4(struct port *port, const struct mx_control *m)
{
	ip4_addr_t addr, mask;
	struct netif *n;

	memcpy(&addr.addr, m->addr, sizeof(addr.addr));
	if (has_ip4(port, &addr))
		return;
	mask.addr = m->prefix ? PP_HTONL(0xffffffffu << (32 - m->prefix)) : 0;
	if (ip4_addr_isany_val(*netif_ip4_addr(&port->netif))) {
		netif_set_addr(&port->netif, &addr, &mask, NULL);
		return;
	}
	if (extra_n == EXTRA) {
		mx_log("port %u: more than %u further IPv4 addresses; one ignored", m->port, EXTRA);
		return;
	}
	n = add_netif(port, &extra[extra_n++], &addr, &mask);
	if (port->linked)
		apply_link(port, n);
}

static void add_ip6(struct port *port, const struct mx_control *m)
{
	ip6_addr_t addr;
	s8_t index;

	memcpy(addr.addr, m->addr, sizeof(addr.addr));
	ip6_addr_clear_zone(&addr);
	ip6_addr_assign_zone(&addr, IP6_UNICAST, &port->netif);
	if (netif_get_ip6_addr_match(&port->netif, &addr) >= 0)
		return;
	if (netif_add_ip6_address(&port->netif, &addr, &index) != ERR_OK) {
		mx_log("port %u: more than %u IPv6 addresses; one ignored", m->port,
		       LWIP_IPV6_NUM_ADDRESSES - 1);
		return;
	}
	/* At once: the router does DAD; without it the appliance does not wait for it. */
	netif_ip6_addr_set_state(&port->netif, index, IP6_ADDR_PREFERRED);
	if (netif_is_link_up(&port->netif))
		announce_ip6(&port->netif);
}

void port_address(const struct mx_control *m)
{
	if (m->port >= MX_PORTS || !ports[m->port].configured)
		return;
	if (m->family == 4 && m->prefix <= 32)
		add_ip4(&ports[m->port], m);
	else if (m->family == 6)
		add_ip6(&ports[m->port], m);
}

bool port_link(uint32_t slot, const struct mx_msg *m)
{
	struct mx_link link;
	struct port *port;

	memcpy(&link, m->body, sizeof(link));
	port = port_find(slot, link.port);
	if (!port)
		return false;
	port->link = link;
	port->linked = true;
	set_offload(port, link.features);
	apply(port);
	return true;
}

void port_reset(uint32_t slot)
{
	struct port *port = port_find(slot, MX_PORTS);

	if (port)
		mx_gather_reset(&port->gather);
}

struct netif *port_netif(struct port *port, const struct pbuf *p)
{
	const struct eth_hdr *eth = p->payload;
	const struct etharp_hdr *arp = (const void *)(eth + 1);

	if (!extra_n || p->len < sizeof(*eth) + sizeof(*arp) || eth->type != PP_HTONS(ETHTYPE_ARP))
		return &port->netif;
	for (uint32_t i = 0; i < extra_n; i++)
		if (extra[i].state == port &&
		    memcmp(&arp->dipaddr, netif_ip4_addr(&extra[i]), sizeof(ip4_addr_t)) == 0)
			return &extra[i];
	return &port->netif;
}

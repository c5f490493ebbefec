/*
 * Packets from the router (MX_IP) or, without one, from a driver (MX_RAW) into lwIP.
 *
 * Rules: nothing of a message is believed before it is checked; what no port expects is counted
 * and its frames freed. A transport checksum that the device vouches for, or that a local sender
 * has left partial, is not verified again, unless the packet is a fragment: then the word
 * of the device is about the fragment alone.
 */
#include <string.h>
#include "lwip/opt.h"
#include "lwip/ip4.h"
#include "lwip/ip6.h"
#include "lwip/prot/ethernet.h"
#include "frame.h"
#include "input.h"
#include "port.h"
#include "timer.h"

#define CHECK_TRANSPORT                                                                            \
	(NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_CHECK_UDP | NETIF_CHECKSUM_CHECK_ICMP |         \
	 NETIF_CHECKSUM_CHECK_ICMP6)

uint64_t input_packets;
uint64_t input_bad;

static bool is_fragment(const uint8_t *ip, uint32_t length)
{
	if (length >= IP_HLEN && ip[0] >> 4 == 4)
		return ((ip[6] & 0x3f) | ip[7]) != 0; /* MF and offset, RFC 791 3.1 */
	if (length >= IP6_HLEN && ip[0] >> 4 == 6)
		return ip[6] != IP6_NEXTH_TCP && ip[6] != IP6_NEXTH_UDP && ip[6] != IP6_NEXTH_ICMP6;
	return false;
}

static void deliver(struct port *port, struct mx_msg *chain, uint32_t n)
{
	const struct mx_packet packet = *mx_packet(&chain[0]);
	struct pbuf *p = frame_wrap(chain, n);
	uint32_t link = port->ethernet ? SIZEOF_ETH_HDR : 0;
	struct netif *netif;
	bool whole = true;

	if (!p)
		return;
	input_packets++;
	if (p->len >= link && is_fragment((uint8_t *)p->payload + link, p->len - link)) {
		timer_fragment();
		whole = false;
	}
	netif = port->ethernet ? port_netif(port, p) : &port->netif;
	if (whole && (packet.flags & (MX_CSUM_PARTIAL | MX_CSUM_VALID)))
		NETIF_SET_CHECKSUM_CTRL(netif, NETIF_CHECKSUM_ENABLE_ALL & ~CHECK_TRANSPORT);
	else
		NETIF_SET_CHECKSUM_CTRL(netif, NETIF_CHECKSUM_ENABLE_ALL);
	if (netif->input(p, netif) != ERR_OK)
		pbuf_free(p);
}

static void input_raw(struct port *port, const struct mx_msg *raw)
{
	uint32_t n = mx_gather(&port->gather, raw, port->number);

	if (!n)
		return;
	if (port->configured)
		deliver(port, port->gather.chain, n);
	else
		mx_free_chain(port->gather.chain, n);
}

void input_chain(const struct mx_msg *chain, uint32_t n)
{
	struct mx_msg copy[MX_CHAIN_MAX];
	struct port *port;

	if (chain[0].kind == MX_LINK && chain[0].frame == MX_NOFRAME && n == 1) {
		if (!port_link(chain[0].slot, &chain[0]))
			input_bad++;
		return;
	}
	if (n <= MX_CHAIN_MAX)
		memcpy(copy, chain, n * sizeof(copy[0]));
	port = n <= MX_CHAIN_MAX ? port_find(chain[0].slot, mx_packet(copy)->port) : NULL;
	for (uint32_t i = 0; i < n; i++)
		if (chain[i].frame == MX_NOFRAME)
			port = NULL;
	if (port && port->ethernet && chain[0].kind == MX_RAW && n == 1) {
		input_raw(port, &chain[0]);
	} else if (port && !port->ethernet && port->configured && chain[0].kind == MX_IP) {
		deliver(port, copy, n);
	} else {
		input_bad++;
		mx_free_chain(chain, n);
	}
}

/*
 * Packets from the router (MX_IP) or, without one, from a driver (MX_RAW) into lwIP.
 *
 * Rules: nothing of a message is believed before it is checked; what no port expects is counted
 * and its frames freed. A transport checksum that the device vouches for, or that a local sender
 * has left partial, is not verified again. That is TCP's or UDP's right behind the IP header
 * and nothing else: of a fragment, or behind other headers, a partial one is completed here.
 */
#include <string.h>
#include <moxie/kept.h>
#include "lwip/opt.h"
#include "lwip/ip4.h"
#include "lwip/ip6.h"
#include "lwip/prot/ethernet.h"
#include "frame.h"
#include "input.h"
#include "port.h"
#include "timer.h"

#define CHECK_TRANSPORT (NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_CHECK_UDP)

uint64_t input_packets MX_KEPT;
uint64_t input_bad MX_KEPT;

/* The protocol behind the IP header; that of IPv6's fragment header for fragments of both. */
static uint32_t protocol_of(const uint8_t *ip, uint32_t length)
{
	if (length >= IP_HLEN && ip[0] >> 4 == 4) /* MF and offset, RFC 791 3.1 */
		return (ip[6] & 0x3f) | ip[7] ? IP6_NEXTH_FRAGMENT : ip[9];
	if (length >= IP6_HLEN && ip[0] >> 4 == 6)
		return ip[6];
	return IP6_NEXTH_NONE;
}

/* A fragment, or a header that one may follow. */
static bool may_be_fragment(uint32_t protocol)
{
	return protocol == IP6_NEXTH_FRAGMENT || protocol == IP6_NEXTH_HOPBYHOP ||
	       protocol == IP6_NEXTH_ROUTING || protocol == IP6_NEXTH_DESTOPTS;
}

/* The chain is as long as its facts say, and these do not contradict each other. It begins with a
   byte: lwIP reads the version before it looks at the length. */
static bool facts_hold(struct mx_msg *chain, uint32_t n)
{
	uint32_t length = 0;

	for (uint32_t i = 0; i < n; i++)
		length += chain[i].length;
	return chain[0].length && length == mx_packet(chain)->length &&
	       mx_needs(mx_packet(chain)) != MX_TX_NEVER;
}

static void bad(const struct mx_msg *chain, uint32_t n)
{
	input_bad++;
	mx_free_chain(chain, n);
}

static void deliver(struct port *port, struct mx_msg *chain, uint32_t n)
{
	uint32_t link = port->ethernet ? SIZEOF_ETH_HDR : 0;
	const uint8_t *data = (uint8_t *)mx_frame(chain[0].frame) + chain[0].offset;
	uint32_t have = chain[0].length > link ? chain[0].length - link : 0;
	uint32_t protocol = protocol_of(data + link, have);
	bool covered = protocol == IP6_NEXTH_TCP || protocol == IP6_NEXTH_UDP;
	bool known = mx_packet(chain)->flags & (MX_CSUM_PARTIAL | MX_CSUM_VALID);
	struct netif *netif;
	struct pbuf *p;

	if (!covered && !mx_complete_csum(chain, n)) {
		bad(chain, n);
		return;
	}
	p = frame_wrap(chain, n);
	if (!p)
		return;
	input_packets++;
	if (may_be_fragment(protocol))
		timer_fragment();
	netif = port->ethernet ? port_netif(port, p) : &port->netif;
	NETIF_SET_CHECKSUM_CTRL(netif,
	                        port->checksums & (covered && known ? ~CHECK_TRANSPORT : ~0));
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
	} else if (port && !port->ethernet && port->configured && chain[0].kind == MX_IP &&
	           facts_hold(copy, n)) {
		deliver(port, copy, n);
	} else {
		bad(chain, n);
	}
}

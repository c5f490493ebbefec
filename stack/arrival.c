/*
 * Datagrams on their way from lwIP to an application.
 *
 * Rules: a datagram goes on at once, in its own frames where it can, or is dropped: an application
 * that is slow loses datagrams and holds nobody up.
 */
#include <string.h>
#include <moxie/packet.h>
#include <moxie/slots.h>
#include <moxie/socket.h>
#include "lwip/opt.h"
#include "lwip/ip.h"
#include "arrival.h"
#include "frame.h"
#include "own.h"

/* Room for the datagram, and still a quarter of the channel for connections. */
static bool has_room(uint32_t slot, uint32_t n)
{
	return n && mx_credit(slot) >= n + mx_boot->slots[slot].depth / 4;
}

/* The first n pbufs keep their frames; copies of others are freed. */
static void keep(struct pbuf *p, const struct mx_msg *chain, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++, p = p->next)
		frame_keep(p, &chain[i]);
}

/* The datagram's pbufs as a chain; 0: a frame for a copy was missing. */
static uint32_t offer(struct pbuf *p, struct mx_msg *chain)
{
	uint32_t n = 0;

	for (struct pbuf *q = p; q; q = q->next, n++) {
		chain[n] = (struct mx_msg){.kind = MX_SK_DATAGRAM};
		if (!frame_offer(q, &chain[n])) {
			keep(p, chain, n);
			return 0;
		}
	}
	return n;
}

/* Fragments leave more pbufs than a chain has room for: all of it into as few frames as hold it. */
static uint32_t copy(const struct pbuf *p, struct mx_msg *chain)
{
	uint32_t n = 0;

	for (uint32_t done = 0; done < p->tot_len; n++) {
		struct mx_msg m = {.kind = MX_SK_DATAGRAM, .frame = mx_alloc()};

		if (m.frame == MX_NOFRAME) {
			mx_free_chain(chain, n);
			return 0;
		}
		m.length = pbuf_copy_partial(p, mx_frame(m.frame), MX_PAGE, (u16_t)done);
		chain[n] = m;
		done += m.length;
	}
	return n;
}

static struct mx_datagram other_end(uint8_t id, const ip_addr_t *addr, uint16_t port)
{
	struct mx_datagram from = {.socket = id & 15u, .port = port};

	from.own = own_number(ip_current_netif(), ip_current_dest_addr()) & 0xfffu;
	if (IP_IS_V6(addr)) {
		memcpy(from.address, ip_2_ip6(addr)->addr, sizeof(from.address));
	} else {
		from.address[2] = PP_HTONL(0xffffu);
		from.address[3] = ip4_addr_get_u32(ip_2_ip4(addr));
	}
	return from;
}

bool arrival(uint8_t app, uint8_t id, struct pbuf *p, const ip_addr_t *addr, uint16_t port)
{
	struct mx_datagram from = other_end(id, addr, port);
	bool copied = pbuf_clen(p) > MX_CHAIN_MAX;
	uint32_t n = copied ? (p->tot_len + MX_PAGE - 1u) / MX_PAGE : pbuf_clen(p);
	struct mx_msg chain[MX_CHAIN_MAX];

	if (!has_room(MX_STACK_APP + app, n))
		return false;
	n = copied ? copy(p, chain) : offer(p, chain);
	if (!n)
		return false;
	memcpy(chain[0].body, &from, sizeof(from));
	if (mx_send(MX_STACK_APP + app, chain, n) != MX_OK) { /* it has ended meanwhile */
		if (copied)
			mx_free_chain(chain, n);
		else
			keep(p, chain, n);
		return false;
	}
	for (struct pbuf *q = copied ? NULL : p; q; q = q->next)
		frame_given(q);
	return true;
}

/*
 * What a connection tells its application, in order: accepted, data, acknowledged, FIN, closed.
 *
 * Interface: see tell.h; the messages are those of moxie/socket.h.
 * Rules: without credit it all stays state of the connection, and is told later.
 */
#include <string.h>
#include <moxie/slots.h>
#include "lwip/opt.h"
#include "lwip/priv/tcp_priv.h"
#include "frame.h"
#include "socket.h"
#include "tell.h"

#define RETRY       (5 * MX_MS)
#define TURN_FRAMES 16u /* data one connection hands over before the next one's turn */

static bool say(const struct conn *c, uint8_t kind, uint32_t value)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .kind = kind};

	m.body[0] = conn_number(c);
	m.body[1] = value;
	return mx_send(MX_STACK_APP + c->app, &m, 1) == MX_OK;
}

static bool say_accept(const struct conn *c)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .kind = MX_SK_ACCEPT, .offset = c->listener};
	const ip_addr_t *peer;

	m.body[0] = conn_number(c);
	if (c->pcb) {
		peer = &c->pcb->remote_ip;
		m.length = c->pcb->remote_port;
		if (IP_IS_V6(peer)) {
			memcpy(&m.body[1], ip_2_ip6(peer)->addr, 16);
		} else {
			m.body[3] = PP_HTONL(0xffffu);
			m.body[4] = ip4_addr_get_u32(ip_2_ip4(peer));
		}
	}
	return mx_send(MX_STACK_APP + c->app, &m, 1) == MX_OK;
}

/* One pbuf of data; false: no credit, or no frame for a copy. */
static bool say_data(struct conn *c)
{
	struct pbuf *p = c->in;
	struct mx_msg m = {.kind = MX_SK_DATA};

	m.body[0] = conn_number(c);
	if (!mx_credit(MX_STACK_APP + c->app))
		return false;
	if (!frame_offer(p, &m)) {
		mx_wake_at(mx_now() + RETRY);
		return false;
	}
	if (mx_send(MX_STACK_APP + c->app, &m, 1) != MX_OK) {
		frame_keep(p, &m);
		return false;
	}
	frame_given(p);
	c->in = p->next;
	c->in_n--;
	c->in_bytes -= p->len;
	c->unread += p->len;
	p->next = NULL;
	pbuf_free(p);
	return true;
}

/* A turn's worth of data. true: go on; false: the channel is full. */
static bool tell_data(struct conn *c)
{
	for (uint32_t n = 0; c->in; n++) {
		if (n == TURN_FRAMES) { /* the others first */
			socket_wait(c);
			return true;
		}
		if (!say_data(c))
			return false;
		if (!c->in && c->pcb && c->pcb->refused_data)
			tcp_process_refused_data(c->pcb); /* may fill c->in again */
	}
	return true;
}

bool tell(struct conn *c)
{
	if (c->flags & CONN_TELL_ACCEPT) {
		if (!say_accept(c))
			return false;
		c->flags &= (uint16_t)~CONN_TELL_ACCEPT;
		if (c->pcb)
			tcp_backlog_accepted(c->pcb);
	}
	if (!tell_data(c))
		return false;
	if (c->acked) {
		if (!say(c, MX_SK_SENT, c->acked))
			return false;
		c->queued -= c->acked;
		c->acked = 0;
	}
	if (c->in)
		return true;
	if (c->flags & CONN_TELL_FIN) {
		if (!say(c, MX_SK_FIN, 0))
			return false;
		c->flags &= (uint16_t)~CONN_TELL_FIN;
	}
	if (c->flags & CONN_TELL_CLOSED) {
		if (!say(c, MX_SK_CLOSED, c->reason))
			return false;
		c->flags = (uint16_t)((c->flags & ~CONN_TELL_CLOSED) | CONN_TOLD_CLOSED);
		if (c->flags & CONN_APP_DONE)
			conn_put(c);
	}
	return true;
}

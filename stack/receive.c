/*
 * What a connection has received and its application has not: segments in order, as pbufs.
 *
 * Interface: see receive.h.
 * Rules: a connection holds no more than its share of frames: beyond it data is refused to lwIP,
 * which offers it again. The window opens by what the application is done with.
 */
#include "lwip/opt.h"
#include "lwip/priv/tcp_priv.h"
#include "hooks.h"
#include "receive.h"
#include "socket.h"

void receive_drop(struct conn *c)
{
	while (c->in) {
		struct pbuf *p = c->in;

		c->in = p->next;
		p->next = NULL;
		pbuf_free(p);
	}
	c->in_n = c->in_bytes = 0;
}

void receive_done(struct tcp_pcb *pcb, uint32_t bytes)
{
	for (; bytes > UINT16_MAX; bytes -= UINT16_MAX)
		tcp_recved(pcb, UINT16_MAX);
	if (bytes)
		tcp_recved(pcb, (u16_t)bytes);
}

/* A chain of received pbufs into c->in, one by one: its tot_len would overflow. */
static void take_in(struct conn *c, struct pbuf *p)
{
	while (p) {
		struct pbuf *next = p->next;

		p->next = NULL;
		p->tot_len = p->len;
		if (p->len == 0) {
			pbuf_free(p);
		} else {
			if (c->in)
				c->in_last->next = p;
			else
				c->in = p;
			c->in_last = p;
			c->in_n++;
			c->in_bytes += p->len;
		}
		p = next;
	}
}

err_t receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
	struct conn *c = arg;

	(void)err;
	if (!p) {
		if (!(c->flags & CONN_APP_DONE))
			conn_note(c, CONN_TELL_FIN);
		conn_settle(c);
		return ERR_OK;
	}
	if (c->flags & CONN_APP_DONE) {
		receive_done(pcb, p->tot_len);
		pbuf_free(p);
		return ERR_OK;
	}
	if (c->in_n && c->in_n + pbuf_clen(p) > stack_frame_share())
		return ERR_MEM; /* lwIP keeps p and offers it again */
	/* Several segments in one packet: lwIP counts one, but RFC 5681 4.2 wants an answer. */
	if (p->tot_len > pcb->mss && !c->ack_due) {
		c->ack_due = true;
		conn_mark(c);
	}
	take_in(c, p);
	socket_wait(c);
	return ERR_OK;
}

void receive_credit(struct conn *c, uint32_t bytes)
{
	if (bytes > c->unread)
		bytes = c->unread;
	c->unread -= bytes;
	if (c->pcb && !(c->flags & CONN_APP_DONE))
		receive_done(c->pcb, bytes);
}

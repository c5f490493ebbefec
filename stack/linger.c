/*
 * Connections that we have closed and that nobody is told of any more.
 *
 * What the peer still sends is acknowledged and dropped: a RST (what lwIP's tcp_close does then)
 * could make the peer throw away the end of our answer. A peer that never closes is reset
 * after a while, or it would hold its pcb in FIN-WAIT-2 for ever.
 */
#include "linger.h"

#define LINGER_POLLS 20u
#define POLL_TICKS   5u /* of TCP_SLOW_INTERVAL: half a second */

static err_t drop(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
	(void)arg;
	(void)err;
	if (p) {
		tcp_recved(pcb, p->tot_len);
		pbuf_free(p);
	}
	return ERR_OK;
}

static err_t poll(void *arg, struct tcp_pcb *pcb)
{
	uintptr_t polls = (uintptr_t)arg + 1;

	if (polls >= LINGER_POLLS) {
		tcp_abort(pcb);
		return ERR_ABRT;
	}
	tcp_arg(pcb, (void *)polls);
	return ERR_OK;
}

void linger(struct tcp_pcb *pcb)
{
	tcp_ext_arg_set(pcb, 0, NULL);
	tcp_arg(pcb, NULL);
	tcp_recv(pcb, drop);
	tcp_sent(pcb, NULL);
	tcp_err(pcb, NULL);
	tcp_poll(pcb, poll, POLL_TICKS);
}

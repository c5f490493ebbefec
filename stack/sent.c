/*
 * What a connection has given to TCP: frames are kept until no segment covers them any more.
 *
 * Interface: see sent.h.
 */
#include "lwip/opt.h"
#include "lwip/priv/tcp_priv.h"
#include "sent.h"
#include "socket.h"

/* The first sequence number that a segment of lwIP still covers: it resends whole segments. */
static uint32_t floor_of(const struct tcp_pcb *pcb)
{
	uint32_t low = pcb->snd_lbb;
	const struct tcp_seg *heads[2] = {pcb->unacked, pcb->unsent};

	for (int i = 0; i < 2; i++)
		if (heads[i] && TCP_SEQ_LT(lwip_ntohl(heads[i]->tcphdr->seqno), low))
			low = lwip_ntohl(heads[i]->tcphdr->seqno);
	return low;
}

void sent_release(struct conn *c)
{
	uint32_t low;

	if (!c->kept.head)
		return;
	low = floor_of(c->pcb);
	while (c->kept.head && TCP_SEQ_GEQ(low, c->kept.head->end))
		piece_free(piece_pop(&c->kept));
}

err_t sent(void *arg, struct tcp_pcb *pcb, u16_t bytes)
{
	struct conn *c = arg;

	(void)pcb;
	c->inflight -= bytes;
	c->acked += bytes;
	c->stalled = 0;
	sent_release(c);
	conn_mark(c);
	socket_wait(c);
	conn_settle(c);
	return ERR_OK;
}

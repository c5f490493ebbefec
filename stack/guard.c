/*
 * Segments that lwIP does not survive, since its asserts, or a fault, end the domain; and data of
 * attackers who do not see the connection.
 *
 * Beyond the window: it cuts at the right edge what comes in order, and what joins a queue of
 * out-of-order segments at its end; the first of that queue and what is put in between it takes
 * uncut, and asserts when the gap is filled. So such a segment is dropped here, as if the rest of
 * it were lost. And when data in order fills the window, a FIN that was queued in the middle of it
 * is one byte too much; data behind a FIN comes from nobody who is honest. Options: of one that is
 * cut it reads the length behind the last byte (up to 2.2.1), which may be in a frame that is not
 * ours. Nobody honest lets a header end with a frame.
 */
#include <stdbool.h>
#include "lwip/opt.h"
#include "lwip/pbuf.h"
#include "lwip/priv/tcp_priv.h"
#include "connection.h"
#include "hooks.h"
#include "large.h"

/* RFC 5961 5.2: it acknowledges what was just sent, or lately; a blind attacker cannot know. */
static bool acks_nonsense(const struct tcp_pcb *pcb, const struct tcp_hdr *hdr)
{
	return pcb->state > SYN_RCVD && (TCPH_FLAGS(hdr) & (TCP_ACK | TCP_RST)) == TCP_ACK &&
	       (TCP_SEQ_GT(hdr->ackno, pcb->snd_nxt) ||
	        TCP_SEQ_LT(hdr->ackno, pcb->lastack - pcb->snd_wnd_max));
}

static bool fin_queued(const struct tcp_pcb *pcb)
{
	for (const struct tcp_seg *s = pcb->ooseq; s; s = s->next)
		if (TCPH_FLAGS(s->tcphdr) & TCP_FIN)
			return true;
	return false;
}

bool stack_at_edge(const struct tcp_hdr *hdr, uint32_t options, uint32_t inside,
                   const uint8_t *rest)
{
	const uint8_t *end =
	        rest ? rest + (options - inside) : (const uint8_t *)(hdr + 1) + options;

	return options && (uintptr_t)end % MX_PAGE == 0;
}

/* It will make lwIP resend the first segment (RFC 5681 3.2): that must be one packet. */
static bool third_duplicate(const struct tcp_pcb *pcb, const struct tcp_hdr *hdr)
{
	return hdr->ackno == pcb->lastack && pcb->dupacks >= 2 && !(pcb->flags & TF_INFR);
}

/* For every segment to a connection, its header already in host order; not ERR_OK: drop it. */
err_t stack_guard(struct tcp_pcb *pcb, const struct tcp_hdr *hdr, const struct pbuf *p)
{
	uint8_t flags = TCPH_FLAGS(hdr);
	uint32_t end = hdr->seqno + p->tot_len + (flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
	uint32_t edge;

	if (pcb->state < SYN_RCVD || (pcb->state > SYN_RCVD && (flags & TCP_SYN)))
		return ERR_OK; /* no data is taken */
	if (acks_nonsense(pcb, hdr)) {
		conn_challenge(pcb);
		return ERR_VAL;
	}
	conn_heard(pcb);
	if (third_duplicate(pcb, hdr) && !large_isolate(pcb))
		return ERR_MEM; /* the next one does it */
	edge = pcb->rcv_nxt + pcb->rcv_wnd;
	if (TCP_SEQ_LT(end, edge) || TCP_SEQ_GEQ(hdr->seqno, edge))
		return ERR_OK; /* the latter is answered by an ACK */
	if (TCP_SEQ_GT(hdr->seqno, pcb->rcv_nxt))
		return end == edge ? ERR_OK : ERR_VAL;
	return fin_queued(pcb) ? ERR_VAL : ERR_OK;
}

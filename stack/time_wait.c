/*
 * A connection in TIME-WAIT gives way to a new SYN of the same four-tuple with a higher sequence
 * number (RFC 1122 4.2.2.13). lwIP itself answers such a SYN with an acknowledgement or RST.
 */
#include "lwip/opt.h"
#include "lwip/priv/tcp_priv.h"
#include "hooks.h"

/*
 * Called for every segment to a TIME-WAIT pcb, its header already in host order. After ERR_ABRT
 * lwIP drops the segment and does not look at the pcb again; the peer's next SYN, one
 * retransmission later, meets the listener.
 */
err_t stack_time_wait(struct tcp_pcb *pcb, const struct tcp_hdr *hdr)
{
	uint8_t flags = TCPH_FLAGS(hdr) & (TCP_SYN | TCP_ACK | TCP_RST);

	if (flags != TCP_SYN || !TCP_SEQ_GT(hdr->seqno, pcb->rcv_nxt))
		return ERR_OK;
	tcp_abort(pcb);
	return ERR_ABRT;
}

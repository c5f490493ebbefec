/*
 * Feeding TCP: from an application's pieces to segments of lwIP.
 *
 * Rules: small data is copied, so that its frame goes home at once; the rest is referred to, and
 * owned frames are kept until no segment covers them. TCP is given what the window lets it send
 * now, in segments as large as the port can cut, and nothing ahead: what waits costs no segments,
 * and a segment is never larger than what may go. One connection gets no more than its share of the
 * segments: a thousand slow readers of a large file must not use up the pool.
 */
#include "lwip/opt.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/stats.h"
#include "feed.h"
#include "large.h"

#define COPY_MAX  512u   /* lwippools.h has a pool for it */
#define WRITE_MAX 32768u /* of one tcp_write, whose length has 16 bits */
#define INITIAL   10u    /* segments, RFC 6928 */

/* pbufs the connection may have in TCP: a segment takes two. */
static uint32_t share(void)
{
	uint32_t used = lwip_stats.memp[MEMP_TCP_SEG]->used;
	uint32_t left = used < MEMP_NUM_TCP_SEG ? MEMP_NUM_TCP_SEG - used : 0;

	return left / 4 + 4;
}

/*
 * What may be written now: whole packets, unless it is all there is (RFC 1122 4.2.3.4). Into a
 * window that is closed goes one packet, which starts lwIP's persist timer.
 */
static uint32_t budget_of(const struct tcp_pcb *pcb, uint32_t waiting)
{
	uint32_t window = LWIP_MIN(pcb->snd_wnd, pcb->cwnd), unit = large_unit(pcb);
	uint32_t used = pcb->snd_lbb - pcb->lastack, room = window > used ? window - used : 0;

	if (room >= waiting)
		return waiting;
	if (room < unit && !used)
		return unit < waiting ? unit : waiting;
	return room - room % unit;
}

/* Writes the head of c->out, at most n bytes; how many, 0 when TCP takes no more now. */
static uint32_t write_piece(struct conn *c, struct piece *p, uint32_t n)
{
	bool frozen = mx_is_frozen(p->frame), copy = p->length <= COPY_MAX && !frozen;
	const uint8_t *data = (const uint8_t *)mx_frame(p->frame) + p->offset;

	n = LWIP_MIN(LWIP_MIN(n, p->length), LWIP_MIN(WRITE_MAX, tcp_sndbuf(c->pcb)));
	if (!n || tcp_write(c->pcb, data, (u16_t)n, copy ? TCP_WRITE_FLAG_COPY : 0) != ERR_OK)
		return 0;
	c->inflight += n;
	p->offset += n;
	p->length -= n;
	p->referred |= !copy && !frozen;
	if (p->length)
		return n;
	piece_pop(&c->out);
	if (!p->referred) {
		piece_free(p);
	} else {
		p->end = c->pcb->snd_lbb;
		piece_append(&c->kept, p);
	}
	return n;
}

/* lwIP makes segments as long as `mss` says: here, and only here, as long as the port can cut. */
static void write_out(struct conn *c)
{
	struct tcp_pcb *pcb = c->pcb;
	uint32_t budget = budget_of(pcb, c->queued - c->acked - c->inflight);
	u16_t mss = pcb->mss;

	pcb->mss = (u16_t)(mss + large_most(pcb) - large_unit(pcb));
	while (budget && c->out.head && pcb->snd_queuelen < share()) {
		uint32_t n = write_piece(c, c->out.head, budget);

		if (!n)
			break;
		c->fed = true;
		budget -= n;
	}
	pcb->mss = mss;
}

bool feed(struct conn *c)
{
	struct tcp_pcb *pcb = c->pcb;

	if (c->out.head && pcb->snd_queuelen == 0 && pcb->cwnd < INITIAL * pcb->mss && !c->fed)
		pcb->cwnd = INITIAL * pcb->mss;
	if (pcb->unsent)
		large_cut(pcb);
	else if (c->out.head)
		write_out(c);
	if (!c->out.head && (c->flags & CONN_APP_DONE) && !(c->flags & CONN_SHUT)) {
		c->flags |= CONN_SHUT;
		tcp_shutdown(pcb, 0, 1); /* short of memory, lwIP itself tries again */
	}
	tcp_output(pcb);
	return !c->out.head || pcb->snd_queuelen != 0;
}

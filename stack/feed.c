/*
 * Feeding TCP: from an application's pieces to segments of lwIP.
 *
 * Rules: small data is copied, so that its frame goes home at once; the rest is referred to, and
 * owned frames are kept until no segment covers them. TCP is given no more than it can send
 * soon, and one connection no more than its share of the segments: a thousand slow
 * readers of a large file must not use up the pool.
 */
#include "lwip/opt.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/stats.h"
#include "feed.h"

#define COPY_MAX   512u           /* lwippools.h has a pool for it */
#define UNSENT_MAX (128u * 1024u) /* bytes TCP may hold beyond what is in flight */
#define WRITE_MAX  32768u         /* of one tcp_write, whose length has 16 bits */
#define INITIAL    10u            /* segments, RFC 6928 */

/* pbufs the connection may have in TCP: a segment takes two. */
static uint32_t share(void)
{
	uint32_t used = lwip_stats.memp[MEMP_TCP_SEG]->used;
	uint32_t left = used < MEMP_NUM_TCP_SEG ? MEMP_NUM_TCP_SEG - used : 0;

	return left / 4 + 4;
}

static bool may_feed(const struct tcp_pcb *pcb)
{
	return pcb->snd_lbb - pcb->snd_nxt < UNSENT_MAX && pcb->snd_queuelen < share();
}

/* Writes the head of c->out, or a part; false when TCP takes no more now. */
static bool write_piece(struct conn *c, struct piece *p)
{
	bool copy = p->length <= COPY_MAX && !mx_is_frozen(p->frame);
	uint32_t n = p->length < WRITE_MAX ? p->length : WRITE_MAX;
	const uint8_t *data = (const uint8_t *)mx_frame(p->frame) + p->offset;

	if (n > tcp_sndbuf(c->pcb))
		n = tcp_sndbuf(c->pcb);
	if (!n || tcp_write(c->pcb, data, (u16_t)n, copy ? TCP_WRITE_FLAG_COPY : 0) != ERR_OK)
		return false;
	c->inflight += n;
	p->offset += n;
	p->length -= n;
	if (p->length)
		return true;
	piece_pop(&c->out);
	if (copy || mx_is_frozen(p->frame)) {
		piece_free(p);
	} else {
		p->end = c->pcb->snd_lbb;
		piece_append(&c->kept, p);
	}
	return true;
}

bool feed(struct conn *c)
{
	struct tcp_pcb *pcb = c->pcb;

	if (c->out.head && pcb->snd_queuelen == 0 && pcb->cwnd < INITIAL * pcb->mss && !c->fed)
		pcb->cwnd = INITIAL * pcb->mss;
	while (c->out.head && may_feed(pcb)) {
		c->fed = true;
		if (!write_piece(c, c->out.head))
			break;
	}
	if (!c->out.head && (c->flags & CONN_APP_DONE) && !(c->flags & CONN_SHUT)) {
		c->flags |= CONN_SHUT;
		tcp_shutdown(pcb, 0, 1); /* short of memory, lwIP itself tries again */
	}
	tcp_output(pcb);
	return !c->out.head || pcb->snd_queuelen != 0;
}

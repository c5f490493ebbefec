/*
 * Segments of lwIP that are larger than a packet: the port cuts them (TSO).
 *
 * Interface: see large.h; feed.c writes them, output.c sends them.
 * Rules: lwIP sends and resends whole segments only. As long as all goes well that is what it
 * should: feed.c writes no more than the window lets go. When something is lost, it must be one
 * packet that is resent (RFC 5681 3.1, 3.2), and after a time-out no more than the new window. So
 * the segment is cut then, before lwIP takes it: by reference where its data is, the
 * little that was copied by another copy.
 */
#include <string.h>
#include "lwip/opt.h"
#include "lwip/ip.h"
#include "large.h"
#include "port.h"

/* 16 bits hold the packet with all headers: of Ethernet with a tag, IPv6, TCP with its options. */
#define DATA_MOST (65535u - 18u - 40u - 60u)

static uint32_t options(const struct tcp_pcb *pcb)
{
	return pcb->flags & TF_TIMESTAMP ? LWIP_TCP_OPT_LEN_TS_OUT : 0;
}

uint32_t large_unit(const struct tcp_pcb *pcb)
{
	return pcb->mss - options(pcb);
}

static bool port_segments(const struct tcp_pcb *pcb)
{
	const struct netif *n = ip_route(&pcb->local_ip, &pcb->remote_ip);

	return n && port_can_segment(n->state, IP_IS_V6(&pcb->remote_ip));
}

uint32_t large_most(const struct tcp_pcb *pcb)
{
	uint32_t unit = large_unit(pcb), half = pcb->snd_wnd_max / 2, most = DATA_MOST;

	if (!port_segments(pcb))
		return unit;
	if (most > half) /* lwIP does so, but would leave a small packet behind each segment */
		most = half > options(pcb) ? half - options(pcb) : 0;
	return most < unit ? unit : most - most % unit;
}

static bool is_reference(const struct pbuf *p)
{
	return !(p->type_internal &
	         (PBUF_TYPE_FLAG_STRUCT_DATA_CONTIGUOUS | PBUF_TYPE_FLAG_DATA_VOLATILE));
}

/* The bytes of p from `at` on. */
static struct pbuf *tail_of(const struct pbuf *p, uint16_t at)
{
	uint16_t n = (uint16_t)(p->len - at);
	uint8_t *data = (uint8_t *)p->payload + at;
	struct pbuf *tail;

	if (is_reference(p))
		return pbuf_alloc_reference(data, n, PBUF_ROM);
	tail = pbuf_alloc(PBUF_RAW, n, PBUF_RAM);
	if (tail)
		memcpy(tail->payload, data, n);
	return tail;
}

/* Cuts the chain p at `at` > 0; the second part, or NULL and nothing is changed. */
static struct pbuf *cut_chain(struct pbuf *p, uint32_t at)
{
	uint16_t rest = (uint16_t)(p->tot_len - at);
	struct pbuf *last = p, *second;

	for (; at > last->len; last = last->next)
		at -= last->len;
	second = last->next;
	if (at < last->len) {
		second = tail_of(last, (uint16_t)at);
		if (!second)
			return NULL;
		if (last->next)
			pbuf_cat(second, last->next);
	}
	last->next = NULL;
	last->len = (uint16_t)at;
	for (; p; p = p->next)
		p->tot_len -= rest;
	return second;
}

/* lwIP leaves the headers of the last transmission in front. */
static void strip(struct tcp_seg *s)
{
	uint16_t n = (uint16_t)((uint8_t *)s->tcphdr - (uint8_t *)s->p->payload);

	s->p->payload = s->tcphdr;
	s->p->len -= n;
	s->p->tot_len -= n;
}

/* s keeps `keep` bytes, a new segment behind it gets the others; false: no memory. */
static bool split(struct tcp_pcb *pcb, struct tcp_seg *s, uint32_t keep)
{
	uint32_t head = TCPH_HDRLEN_BYTES(s->tcphdr), before = pbuf_clen(s->p);
	struct tcp_seg *rest = memp_malloc(MEMP_TCP_SEG);
	struct pbuf *p = pbuf_alloc(PBUF_IP, (u16_t)head, PBUF_RAM), *data = NULL;

	strip(s);
	if (rest && p)
		data = cut_chain(s->p, head + keep);
	if (!data) {
		if (rest)
			memp_free(MEMP_TCP_SEG, rest);
		if (p)
			pbuf_free(p);
		return false;
	}
	memcpy(p->payload, s->tcphdr, TCP_HLEN);
	pbuf_cat(p, data);
	*rest = *s;
	rest->p = p;
	rest->tcphdr = p->payload;
	rest->tcphdr->seqno = lwip_htonl(lwip_ntohl(s->tcphdr->seqno) + keep);
	rest->len = (u16_t)(s->len - keep);
	s->len = (u16_t)keep;
	s->next = rest;
	TCPH_UNSET_FLAG(s->tcphdr, TCP_FIN | TCP_PSH);
	pcb->snd_queuelen += (u16_t)(pbuf_clen(s->p) + pbuf_clen(p) - before);
	return true;
}

/* What is acknowledged of the first segment goes, as lwIP would let go of a whole one. */
static void trim(struct tcp_pcb *pcb, struct tcp_seg **list)
{
	struct tcp_seg *s = *list;
	uint32_t done = pcb->lastack - lwip_ntohl(s->tcphdr->seqno);
	err_t err;

	if ((int32_t)done <= 0 || done >= s->len || !split(pcb, s, done))
		return;
	*list = s->next;
	pcb->snd_queuelen -= pbuf_clen(s->p);
	pcb->snd_buf += s->len;
	TCP_EVENT_SENT(pcb, s->len, err);
	(void)err; /* ours never aborts */
	tcp_seg_free(s);
}

/* What of n bytes may go now, in whole packets; one at least: lwIP looks again itself. */
static uint32_t fitting(uint32_t n, uint32_t most, uint32_t room, uint32_t unit)
{
	uint32_t fits = room < most ? room : most;

	if (n <= fits)
		return n;
	return fits < unit ? unit : fits - fits % unit;
}

void large_cut(struct tcp_pcb *pcb)
{
	uint32_t unit = large_unit(pcb), most = large_most(pcb);
	uint32_t window = LWIP_MIN(pcb->snd_wnd, pcb->cwnd);

	if (pcb->unsent)
		trim(pcb, &pcb->unsent);
	for (struct tcp_seg *s = pcb->unsent; s; s = s->next) {
		uint32_t used = lwip_ntohl(s->tcphdr->seqno) - pcb->lastack;
		uint32_t room = used < window ? window - used : 0;
		uint32_t keep = fitting(s->len, most, room, unit);

		if ((keep < s->len && !split(pcb, s, keep)) || keep > room)
			return;
	}
}

bool large_isolate(struct tcp_pcb *pcb)
{
	uint32_t unit = large_unit(pcb);

	if (!pcb->unacked || pcb->unacked->len <= unit)
		return true;
	trim(pcb, &pcb->unacked);
	return pcb->unacked->len <= unit || split(pcb, pcb->unacked, unit);
}

void large_turn(void)
{
	for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next) {
		if (!pcb->unsent || pcb->unsent->len <= large_unit(pcb))
			continue;
		large_cut(pcb);
		tcp_output(pcb);
	}
}

/*
 * Connections: what stands between a TCP pcb of lwIP and an application.
 *
 * Interface: see connection.h; the messages are those of moxie/socket.h.
 * Rules: lwIP's callbacks only take note and put the connection into a list: work towards TCP is
 * done by conn_turn, words to the application by conn_tell, both after the event. So
 * nothing is aborted inside a callback. Nothing to tell is ever lost: it is state of the
 * connection. A pcb may be freed by lwIP at any time; `gone` hears of every case.
 */
#include <string.h>
#include "lwip/opt.h"
#include "lwip/priv/tcp_priv.h"
#include <moxie/slots.h>
#include "connection.h"
#include "feed.h"
#include "frame.h"
#include "hooks.h"
#include "linger.h"
#include "socket.h"

#define POLL_TICKS    10u /* of TCP_SLOW_INTERVAL: a second */
#define STALL_SECONDS 60u /* after CLOSE, without an acknowledgement */
#define RETRY         (5 * MX_MS)
#define TURN_FRAMES   16u /* data one connection hands over before the next one's turn */

static struct conn conns[MX_CONNS];
static uint32_t spare = MX_CONNS;
static struct conn *dirty;
uint64_t conn_used;
uint64_t conn_opened;
uint64_t conn_overrun;
uint64_t conn_nomemory;

static void gone(u8_t id, void *data);
static const struct tcp_ext_arg_callbacks watch = {.destroy = gone};

void conn_start(void)
{
	for (uint32_t i = MX_CONNS; i-- > 0;) {
		conns[i].next_spare = spare;
		spare = i;
	}
	mx_assert(tcp_ext_arg_alloc_id() == 0);
}

uint32_t conn_number(const struct conn *c)
{
	return (uint32_t)(c - conns);
}

struct conn *conn_find(uint32_t number, uint8_t app)
{
	struct conn *c = &conns[number < MX_CONNS ? number : 0];

	if (number >= MX_CONNS || !(c->flags & CONN_USED) || c->app != app)
		return NULL;
	return c;
}

static void mark(struct conn *c)
{
	if (c->flags & CONN_DIRTY)
		return;
	c->flags |= CONN_DIRTY;
	c->next_dirty = dirty;
	dirty = c;
}

static void tell(struct conn *c, uint16_t what)
{
	c->flags |= what;
	socket_wait(c);
}

static void drop_in(struct conn *c)
{
	while (c->in) {
		struct pbuf *p = c->in;

		c->in = p->next;
		p->next = NULL;
		pbuf_free(p);
	}
	c->in_n = c->in_bytes = 0;
}

/* Back to the free numbers; it may still stand in the dirty list, which skips it then. */
static void put(struct conn *c)
{
	socket_unwait(c);
	drop_in(c);
	piece_drop(&c->out);
	piece_drop(&c->kept);
	c->flags &= CONN_DIRTY;
	c->next_spare = spare;
	spare = conn_number(c);
	conn_used--;
}

/* TCP has nothing more to do with c: no segment refers to its frames. */
static void ended(struct conn *c)
{
	c->pcb = NULL;
	piece_drop(&c->out);
	piece_drop(&c->kept);
	tell(c, CONN_TELL_CLOSED);
}

static void gone(u8_t id, void *data)
{
	(void)id;
	if (data)
		ended(data);
}

/* lwIP calls it right before or right after `gone`, so it only tells the reason. */
static void on_error(void *arg, err_t err)
{
	struct conn *c = arg;

	if (err == ERR_RST)
		c->reason = MX_CLOSED_RESET;
	else if (err == ERR_ABRT)
		c->reason = MX_CLOSED_TIMEOUT;
}

static void abort_pcb(struct conn *c, uint8_t reason)
{
	struct tcp_pcb *pcb = c->pcb;

	c->reason = reason;
	tcp_err(pcb, NULL);
	tcp_abort(pcb); /* `gone` does the rest */
}

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

static void release_kept(struct conn *c)
{
	uint32_t low;

	if (!c->kept.head)
		return;
	low = floor_of(c->pcb);
	while (c->kept.head && TCP_SEQ_GEQ(low, c->kept.head->end))
		piece_free(piece_pop(&c->kept));
}

/* After CLOSE, once all data is acknowledged, TCP finishes alone. */
static void settle(struct conn *c)
{
	if (!c->pcb || !(c->flags & CONN_SHUT) || c->inflight)
		return;
	release_kept(c);
	if (c->kept.head)
		return;
	linger(c->pcb);
	ended(c);
}

static void recved(struct tcp_pcb *pcb, uint32_t bytes)
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

static err_t on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
	struct conn *c = arg;

	(void)err;
	if (!p) {
		if (!(c->flags & CONN_APP_DONE))
			tell(c, CONN_TELL_FIN);
		settle(c);
		return ERR_OK;
	}
	if (c->flags & CONN_APP_DONE) {
		recved(pcb, p->tot_len);
		pbuf_free(p);
		return ERR_OK;
	}
	if (c->in_n && c->in_n + pbuf_clen(p) > stack_frame_share())
		return ERR_MEM; /* lwIP keeps p and offers it again */
	/* Several segments in one packet: lwIP counts one, but RFC 5681 4.2 wants an answer. */
	if (p->tot_len > pcb->mss && !c->ack_due) {
		c->ack_due = true;
		mark(c);
	}
	take_in(c, p);
	socket_wait(c);
	return ERR_OK;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t bytes)
{
	struct conn *c = arg;

	(void)pcb;
	c->inflight -= bytes;
	c->acked += bytes;
	c->stalled = 0;
	release_kept(c);
	mark(c);
	socket_wait(c);
	settle(c);
	return ERR_OK;
}

static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
	struct conn *c = arg;

	(void)pcb;
	mark(c);
	if ((c->flags & CONN_APP_DONE) && c->stalled < STALL_SECONDS)
		c->stalled++;
	return ERR_OK;
}

struct conn *conn_open(struct tcp_pcb *pcb, uint8_t app, uint8_t listener)
{
	struct conn *c = &conns[spare < MX_CONNS ? spare : 0];
	struct conn *next;
	uint16_t in_list = c->flags & CONN_DIRTY;

	if (spare >= MX_CONNS)
		return NULL;
	spare = c->next_spare;
	next = c->next_dirty;
	*c = (struct conn){.pcb = pcb,
	                   .flags = CONN_USED | in_list,
	                   .next_dirty = next,
	                   .app = app,
	                   .listener = listener,
	                   .reason = MX_CLOSED_DONE};
	conn_used++;
	conn_opened++;
	tcp_arg(pcb, c);
	tcp_ext_arg_set_callbacks(pcb, 0, &watch);
	tcp_ext_arg_set(pcb, 0, c);
	tcp_recv(pcb, on_recv);
	tcp_sent(pcb, on_sent);
	tcp_err(pcb, on_error);
	tcp_poll(pcb, on_poll, POLL_TICKS);
	tcp_nagle_disable(pcb);   /* an application hands over what it has: nothing to wait for */
	tcp_backlog_delayed(pcb); /* the backlog counts it until the application is told */
	mark(c);
	tell(c, CONN_TELL_ACCEPT);
	return c;
}

void conn_data(struct conn *c, const struct mx_msg *m)
{
	if (!c->pcb || (c->flags & CONN_APP_DONE) || m->length == 0) {
		mx_free(m->frame);
		return;
	}
	if (c->queued + m->length > MX_SK_WINDOW) {
		conn_overrun++;
		mx_free(m->frame);
		abort_pcb(c, MX_CLOSED_RESET);
		return;
	}
	if (!piece_push(&c->out, m)) {
		conn_nomemory++;
		mx_free(m->frame);
		abort_pcb(c, MX_CLOSED_MEMORY);
		return;
	}
	c->queued += m->length;
	mark(c);
}

void conn_credit(struct conn *c, uint32_t bytes)
{
	if (bytes > c->unread)
		bytes = c->unread;
	c->unread -= bytes;
	if (c->pcb && !(c->flags & CONN_APP_DONE))
		recved(c->pcb, bytes);
}

/* The application's last word: true when ours was said before, and the number is free again. */
static bool last_word(struct conn *c)
{
	c->flags |= CONN_APP_DONE;
	c->flags &= (uint16_t) ~(CONN_TELL_ACCEPT | CONN_TELL_FIN);
	if (!(c->flags & CONN_TOLD_CLOSED))
		return false;
	put(c);
	return true;
}

void conn_close(struct conn *c)
{
	uint32_t bytes = c->unread + c->in_bytes;
	bool before = c->flags & CONN_APP_DONE;

	if (last_word(c) || before)
		return;
	drop_in(c);
	if (c->pcb) { /* what it has not read must not close the window to the rest */
		recved(c->pcb, bytes);
		mark(c);
	}
}

void conn_abort(struct conn *c)
{
	if (last_word(c))
		return;
	drop_in(c);
	if (c->pcb)
		abort_pcb(c, MX_CLOSED_DONE);
}

void conn_forget(uint8_t app)
{
	for (struct conn *c = conns; c < conns + MX_CONNS; c++) {
		if (!(c->flags & CONN_USED) || c->app != app)
			continue;
		c->flags |= CONN_APP_DONE;
		if (c->pcb)
			abort_pcb(c, MX_CLOSED_DONE);
		put(c);
	}
}

static void work(struct conn *c)
{
	if (!(c->flags & CONN_USED) || !c->pcb)
		return;
	if (c->stalled >= STALL_SECONDS) {
		abort_pcb(c, MX_CLOSED_TIMEOUT);
		return;
	}
	if (c->ack_due)
		tcp_ack_now(c->pcb); /* feed sends it */
	c->ack_due = false;
	if (!feed(c)) {
		mark(c);
		mx_wake_at(mx_now() + RETRY);
	}
	settle(c);
}

void conn_heard(struct tcp_pcb *pcb)
{
	struct conn *c = tcp_ext_arg_get(pcb, 0);

	if (c && (c->out.head || pcb->unsent))
		mark(c);
}

void conn_turn(void)
{
	struct conn *list = dirty;

	dirty = NULL;
	while (list) {
		struct conn *c = list;

		list = c->next_dirty;
		c->flags &= (uint16_t)~CONN_DIRTY;
		work(c);
	}
}

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

bool conn_tell(struct conn *c)
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
			put(c);
	}
	return true;
}

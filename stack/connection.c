/*
 * Connections: what stands between a TCP pcb of lwIP and an application.
 *
 * Interface: see connection.h; the messages are those of moxie/socket.h.
 * Rules: lwIP's callbacks only take note and put the connection into a list: work towards TCP is
 * done by conn_turn, words to the application by tell.c, both after the event. So
 * nothing is aborted inside a callback. Nothing to tell is ever lost: it is state of the
 * connection. A pcb may be freed by lwIP at any time; `gone` hears of every case.
 */
#include <moxie/kept.h>
#include "lwip/opt.h"
#include "lwip/priv/tcp_priv.h"
#include "connection.h"
#include "feed.h"
#include "linger.h"
#include "orphan.h"
#include "receive.h"
#include "sent.h"
#include "socket.h"

#define POLL_TICKS    10u /* of TCP_SLOW_INTERVAL: a second */
#define STALL_SECONDS 60u /* after CLOSE, without an acknowledgement */
#define RETRY         (5 * MX_MS)

static struct conn conns[MX_CONNS];
static uint32_t spare = MX_CONNS;
static struct conn *dirty;
uint64_t conn_used;
uint64_t conn_opened MX_KEPT;
uint64_t conn_overrun MX_KEPT;
uint64_t conn_nomemory MX_KEPT;

static void gone(u8_t id, void *data);
static const struct tcp_ext_arg_callbacks watch = {.destroy = gone};

void conn_start(void)
{
	for (uint32_t i = MX_CONNS; i-- > 0;) {
		conns[i].next_spare = spare;
		spare = i;
	}
	mx_assert(tcp_ext_arg_alloc_id() == 0);
	tcp_ticks = 1; /* lwIP takes 0 for no measurement under way */
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

void conn_mark(struct conn *c)
{
	if (c->flags & CONN_DIRTY)
		return;
	c->flags |= CONN_DIRTY;
	c->next_dirty = dirty;
	dirty = c;
}

void conn_note(struct conn *c, uint16_t what)
{
	c->flags |= what;
	socket_wait(c);
}

/* Back to the free numbers; it may still stand in the dirty list, which skips it then. */
void conn_put(struct conn *c)
{
	orphan_drop(conn_number(c));
	socket_unwait(c);
	receive_drop(c);
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
	conn_note(c, CONN_TELL_CLOSED);
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

/* After CLOSE, once all data is acknowledged, TCP finishes alone. */
void conn_settle(struct conn *c)
{
	if (!c->pcb || !(c->flags & CONN_SHUT) || c->inflight)
		return;
	sent_release(c);
	if (c->kept.head)
		return;
	linger(c->pcb);
	ended(c);
}

static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
	struct conn *c = arg;

	(void)pcb;
	conn_mark(c);
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
	orphan_note(conn_number(c), pcb);
	tcp_arg(pcb, c);
	tcp_ext_arg_set_callbacks(pcb, 0, &watch);
	tcp_ext_arg_set(pcb, 0, c);
	tcp_recv(pcb, receive);
	tcp_sent(pcb, sent);
	tcp_err(pcb, on_error);
	tcp_poll(pcb, on_poll, POLL_TICKS);
	ip_set_option(pcb, SOF_KEEPALIVE);
	tcp_nagle_disable(pcb);   /* an application hands over what it has: nothing to wait for */
	tcp_backlog_delayed(pcb); /* the backlog counts it until the application is told */
	conn_mark(c);
	conn_note(c, CONN_TELL_ACCEPT);
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
	conn_mark(c);
}

/* The application's last word: true when ours was said before, and the number is free again. */
static bool last_word(struct conn *c)
{
	c->flags |= CONN_APP_DONE;
	c->flags &= (uint16_t) ~(CONN_TELL_ACCEPT | CONN_TELL_FIN);
	if (!(c->flags & CONN_TOLD_CLOSED))
		return false;
	conn_put(c);
	return true;
}

void conn_close(struct conn *c)
{
	uint32_t bytes = c->unread + c->in_bytes;
	bool before = c->flags & CONN_APP_DONE;

	if (last_word(c) || before)
		return;
	receive_drop(c);
	if (c->pcb) { /* what it has not read must not close the window to the rest */
		tcp_setprio(c->pcb, TCP_PRIO_MIN); /* newcomers come before it */
		receive_done(c->pcb, bytes);
		conn_mark(c);
	}
}

void conn_abort(struct conn *c)
{
	if (last_word(c))
		return;
	receive_drop(c);
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
		conn_put(c);
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
		conn_mark(c);
		mx_wake_at(mx_now() + RETRY);
	}
	conn_settle(c);
}

void conn_heard(struct tcp_pcb *pcb)
{
	struct conn *c = tcp_ext_arg_get(pcb, 0);

	if (c && (c->out.head || pcb->unsent))
		conn_mark(c);
}

void conn_challenge(struct tcp_pcb *pcb)
{
	struct conn *c = tcp_ext_arg_get(pcb, 0);

	if (!c) /* it lingers */
		return;
	c->ack_due = true;
	conn_mark(c);
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

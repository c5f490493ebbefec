/*
 * Connections: see conn.h. conn_run is the heart: it goes on with a connection for as long as
 * there is something to do and room to do it, and can be called at any time.
 */
#include <moxie/domain.h>
#include <moxie/kept.h>
#include <moxie/slots.h>
#include "conn.h"
#include "input.h"
#include "output.h"
#include "serve.h"
#include "stats.h"

enum wait { WAIT_NONE, WAIT_IDLE, WAIT_HEADER, WAIT_BODY, WAIT_SEND, WAIT_LINGER };
static const uint8_t wait_time[] = {0, IDLE_TIME, HEADER_TIME, BODY_TIME, SEND_TIME, LINGER_TIME};

static struct conn *conns;
static uint64_t batch_now;

struct stats stats MX_KEPT;

struct conn *conn_at(uint32_t n)
{
	return &conns[n];
}

uint32_t conn_number(const struct conn *c)
{
	return (uint32_t)(c - conns);
}

static struct timer *timer_at(uint32_t n)
{
	return &conns[n].timer;
}

static struct age *age_at(uint32_t n)
{
	return &conns[n].age;
}

bool conn_init(void)
{
	conns = mx_heap(MX_CONNS * sizeof(conns[0]));
	if (!conns)
		return false;
	timer_init(MX_CONNS, timer_at);
	age_init(MX_CONNS, age_at);
	output_init();
	input_init();
	return serve_init();
}

/* Everything a connection holds goes home. The queue may still name it; that does no harm. */
static void forget(struct conn *c)
{
	input_drop(c);
	serve_drop(c);
	if (c->out_frame != MX_NOFRAME)
		mx_free(c->out_frame);
	c->out_frame = MX_NOFRAME;
	c->from = c->to = 0;
	c->open = false;
	timer_clear(conn_number(c));
	age_leave(conn_number(c));
	stats.open--;
}

static enum wait what_waits(const struct conn *c)
{
	if (c->said)
		return WAIT_LINGER;
	if (c->phase != PHASE_READ || c->from < c->to)
		return WAIT_SEND;
	if (!c->request)
		return WAIT_IDLE;
	return c->request->headers_done ? WAIT_BODY : WAIT_HEADER;
}

static uint32_t waited(const struct conn *c)
{
	return (uint32_t)(batch_now / MX_S) - c->began;
}

/* A header's time runs from its first byte; all the others start anew with what happened, but that
 * for content ends in all. */
static void arm(struct conn *c)
{
	enum wait wait = what_waits(c);
	uint32_t time = wait_time[wait];

	if (wait != c->wait) {
		c->began = (uint32_t)(batch_now / MX_S);
		c->progress = 0;
	} else if (wait == WAIT_HEADER) {
		return;
	} else if (wait == WAIT_BODY && waited(c) + BODY_TIME > BODY_MOST) {
		time = waited(c) < BODY_MOST ? BODY_MOST - waited(c) : 0;
	}
	c->wait = (uint8_t)wait;
	timer_set(conn_number(c), batch_now, time);
}

/* The last word: nothing that the connection holds is needed any more. */
static void say_last(struct conn *c, uint8_t kind)
{
	c->said = output_say(c, kind, 0);
	age_leave(conn_number(c));
	input_drop(c);
	serve_drop(c);
}

static void finish(struct conn *c)
{
	bool over = c->phase == PHASE_LAST || (c->fin && c->phase == PHASE_READ && !c->held_n);

	if (c->gone)
		say_last(c, MX_SK_CLOSE);
	else if (c->abort)
		say_last(c, MX_SK_ABORT);
	else if (!output_send(c))
		return;
	else if (over && c->from == c->to)
		say_last(c, MX_SK_CLOSE);
	else if (c->owed >= CREDIT_STEP && output_say(c, MX_SK_CREDIT, c->owed))
		c->owed = 0;
}

static void run(struct conn *c)
{
	if (!c->open)
		return;
	if (!c->said && !c->abort && !c->gone)
		serve(c);
	if (!c->said)
		finish(c);
	if (c->gone && c->said)
		forget(c);
	else
		arm(c);
}

static void expire(uint32_t n)
{
	struct conn *c = &conns[n];

	if (!c->open || c->gone)
		return;
	stats.timeouts++;
	switch (c->wait) {
	case WAIT_HEADER:
	case WAIT_BODY:
		serve_refuse(c, 408);
		break;
	case WAIT_IDLE:
		c->phase = PHASE_LAST;
		break;
	default:
		c->abort = true;
		c->said = false; /* a linger that ends: say it again, and harder */
		break;
	}
	run(c);
}

void conn_begin(uint64_t now)
{
	batch_now = now;
}

/* The one that has got least far for longest goes, so that the next can come. */
static void make_room(void)
{
	uint32_t n = age_oldest();

	if (stats.open < OPEN_MOST || n == AGE_NONE)
		return;
	stats.evicted++;
	age_leave(n);
	conns[n].abort = true;
	run(&conns[n]);
}

void conn_accept(uint32_t n)
{
	struct conn *c;

	if (n >= MX_CONNS) {
		stats.unknown++;
		return;
	}
	c = &conns[n];
	if (c->open)
		forget(c);
	make_room();
	request_start(&c->parser);
	c->unacked = c->owed = 0;
	c->from = c->to = 0;
	c->out_frame = MX_NOFRAME;
	c->phase = PHASE_READ;
	c->wait = WAIT_NONE;
	c->fin = c->abort = c->said = c->gone = false;
	c->open = true;
	stats.connections++;
	stats.open++;
	age_renew(n);
	arm(c);
}

/* The connection of a message, or NULL, counted. */
static struct conn *known(uint32_t n)
{
	if (n < MX_CONNS && conns[n].open && !conns[n].gone)
		return &conns[n];
	stats.unknown++;
	return NULL;
}

static void flooded(struct conn *c)
{
	stats.flooded++;
	c->abort = true;
}

void conn_data(const struct mx_msg *m)
{
	struct conn *c;

	/* What is received is ours to write to: input.c moves small pieces together. */
	if (m->frame == MX_NOFRAME || mx_is_frozen(m->frame)) {
		stats.unknown++;
		return;
	}
	c = known(mx_conn(m));
	if (!c || c->said || c->phase == PHASE_LAST) {
		mx_free(m->frame);
		return;
	}
	if (!input_hold(c, m))
		flooded(c);
	run(c);
	if (c->held_n > 0 && input_crowded()) {
		flooded(c);
		run(c);
	}
}

/* A client that takes a byte now and then would keep its connection for ever. */
static bool crawls(const struct conn *c)
{
	return (c->wait == WAIT_SEND || c->wait == WAIT_LINGER) && waited(c) > SEND_TIME &&
	       c->progress / waited(c) < SEND_LEAST;
}

void conn_sent(uint32_t n, uint32_t bytes)
{
	struct conn *c = known(n);

	if (!c)
		return;
	if (bytes > c->unacked) {
		stats.unknown++;
		bytes = c->unacked;
	}
	c->unacked -= bytes;
	c->progress += bytes;
	if (!c->said)
		age_renew(n);
	if (crawls(c)) {
		stats.timeouts++;
		c->abort = true;
		c->said = false;
	}
	/* Only who waits for the window or lingers has something to do, or a time to extend. */
	if (c->abort || c->said || c->from < c->to || c->out_frame != MX_NOFRAME ||
	    c->phase != PHASE_READ)
		run(c);
}

void conn_fin(uint32_t n)
{
	struct conn *c = known(n);

	if (!c)
		return;
	c->fin = true;
	run(c);
}

void conn_closed(uint32_t n)
{
	struct conn *c = known(n);

	if (!c)
		return;
	c->gone = true;
	run(c);
}

/* Each in the queue has one turn; then say when to come back. */
void conn_pump(void)
{
	timer_run(batch_now, expire);
	for (uint32_t n = queue_length(); n > 0 && mx_credit(MX_APP_STACK) > 0; n--)
		run(queue_take());
	if (queue_length() > 0) {
		if (mx_credit(MX_APP_STACK) == 0)
			mx_thirst(MX_APP_STACK);
		else if (output_starved())
			mx_wake_at(batch_now + MX_MS);
		else
			mx_again();
	}
	mx_wake_at(timer_next());
}

void conn_reset(void)
{
	while (queue_length() > 0)
		queue_take();
	for (uint32_t n = 0; n < MX_CONNS; n++)
		if (conns[n].open)
			forget(&conns[n]);
}

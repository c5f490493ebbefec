/*
 * The socket protocol (moxie/socket.h) towards the applications, one owning channel each.
 *
 * Rules: every message is checked against the connection it names, which must be the sender's
 * own. What is to be told waits in a list per application; without credit there it stays, in
 * order, and no other application waits for it.
 */
#include <moxie/kept.h>
#include <moxie/slots.h>
#include <moxie/socket.h>
#include "connection.h"
#include "datagram.h"
#include "listen.h"
#include "receive.h"
#include "socket.h"
#include "tell.h"

#define APPS (MX_SLOTS - MX_STACK_APP)

static struct app {
	struct conn *head, *tail; /* connections with something to tell */
	bool listening;           /* a listener, or a UDP socket, has */
} apps[APPS];
static uint64_t active; /* apps with something to tell */
uint64_t socket_bad MX_KEPT;

void socket_wait(struct conn *c)
{
	struct app *a = &apps[c->app];

	if (c->flags & CONN_WAITING)
		return;
	c->flags |= CONN_WAITING;
	c->next_waiting = NULL;
	if (a->head)
		a->tail->next_waiting = c;
	else
		a->head = c;
	a->tail = c;
	active |= 1ull << c->app;
}

static struct conn *pop(struct app *a)
{
	struct conn *c = a->head;

	a->head = c->next_waiting;
	c->flags &= (uint16_t)~CONN_WAITING;
	return c;
}

static void push_front(struct app *a, struct conn *c)
{
	if (c->flags & CONN_WAITING) /* it came back by itself, at the end */
		return;
	c->flags |= CONN_WAITING;
	c->next_waiting = a->head;
	if (!a->head)
		a->tail = c;
	a->head = c;
}

void socket_unwait(struct conn *c)
{
	struct app *a = &apps[c->app];
	struct conn *before = NULL;

	if (!(c->flags & CONN_WAITING))
		return;
	for (struct conn *i = a->head; i != c; i = i->next_waiting)
		before = i;
	if (before)
		before->next_waiting = c->next_waiting;
	else
		a->head = c->next_waiting;
	if (a->tail == c)
		a->tail = before;
	c->flags &= (uint16_t)~CONN_WAITING;
}

static void end_app(uint8_t app)
{
	listen_forget(app);
	datagram_forget(app);
	conn_forget(app);
	apps[app] = (struct app){0};
	active &= ~(1ull << app);
}

static void refuse(const struct mx_msg *m)
{
	socket_bad++;
	if (m->frame != MX_NOFRAME)
		mx_free(m->frame);
}

static void to_conn(struct conn *c, const struct mx_msg *m)
{
	if ((m->kind == MX_SK_DATA) != (m->frame != MX_NOFRAME)) {
		refuse(m);
		return;
	}
	switch (m->kind) {
	case MX_SK_DATA:
		conn_data(c, m);
		break;
	case MX_SK_CREDIT:
		receive_credit(c, m->body[1]);
		break;
	case MX_SK_CLOSE:
		conn_close(c);
		break;
	case MX_SK_ABORT:
		conn_abort(c);
		break;
	default:
		socket_bad++;
	}
}

void socket_wake(uint8_t app)
{
	apps[app].listening = true;
	active |= 1ull << app;
}

/* About listeners and UDP sockets. false: it is about something else. */
static bool to_socket(uint8_t app, const struct mx_msg *m)
{
	if (m->frame != MX_NOFRAME)
		return false;
	if (m->kind == MX_SK_LISTEN)
		listen_open(app, m);
	else if (m->kind == MX_SK_BIND)
		datagram_bind(app, m);
	else if (m->kind == MX_SK_UNBIND)
		datagram_unbind(app, m);
	else
		return false;
	socket_wake(app);
	return true;
}

/* A chain. All of it has frames, or it is refused. */
static uint32_t to_peer(uint8_t app, const struct mx_msg *m, uint32_t n)
{
	uint32_t length = 1, frames = m[0].frame != MX_NOFRAME;

	for (; length < n && (m[length - 1].flags & MX_MORE); length++)
		frames += m[length].frame != MX_NOFRAME;
	if (frames == length) {
		datagram_send(app, m, length);
		return length;
	}
	for (uint32_t i = 0; i < length; i++)
		refuse(&m[i]);
	return length;
}

uint32_t socket_message(const struct mx_msg *m, uint32_t n)
{
	uint8_t app = (uint8_t)(m->slot - MX_STACK_APP);
	struct conn *c;

	if (m->kind == MX_EVENT_RESET || m->kind == MX_EVENT_GONE) {
		end_app(app);
		return 1;
	}
	if (m->kind == MX_SK_DATAGRAM)
		return to_peer(app, m, n);
	if (to_socket(app, m))
		return 1;
	c = conn_find(mx_conn(m), app);
	if (c)
		to_conn(c, m);
	else
		refuse(m);
	return 1;
}

/* false: its channel is full, the rest waits. */
static bool tell_app(uint8_t app)
{
	struct app *a = &apps[app];

	if (a->listening && (!listen_tell(app) || !datagram_tell(app)))
		return false;
	a->listening = false;
	while (a->head) {
		struct conn *c = pop(a);

		if (!tell(c)) {
			push_front(a, c);
			return false;
		}
	}
	return true;
}

void socket_turn(void)
{
	for (uint32_t app = 0; app < APPS && active >> app; app++) {
		if (!(active >> app & 1))
			continue;
		if (tell_app((uint8_t)app))
			active &= ~(1ull << app);
		else
			mx_thirst(MX_STACK_APP + app);
	}
}

/* The socket protocol (moxie/socket.h) abused by an application. The stack must not mind. */
#include <moxie/slots.h>
#include <moxie/socket.h>
#include "tests/hostile/wrong.h"

#define WORDS 300u /* messages of one thing */

static uint32_t conn;

/* Of the kinds there are in both directions, or any. */
static uint8_t some_kind(void)
{
	return one_in(6) ? (uint8_t)dice_below(MX_EVENT) : (uint8_t)(0x20 + dice_below(0x1a));
}

static uint32_t some_frame(void)
{
	const struct mx_pool *frozen = &mx_boot->pools[mx_boot->cores];
	uint32_t frame;

	if (one_in(8))
		return frozen->first + dice_below(frozen->count);
	return one_in(2) && raw_take(&frame, 1, MX_NOW) == 1 ? frame : MX_NOFRAME;
}

/* One message, or a chain: what is in it makes sense here and there. */
static void utter(uint32_t kind, uint32_t about)
{
	uint32_t n = one_in(8) ? 1 + dice_below(4) : 1;
	struct mx_msg *m;

	if (!wrong_room(MX_APP_STACK, n, mx_now() + WRONG_WHILE))
		return;
	for (; n; n--) {
		uint32_t frame = some_frame();

		m = raw_out(MX_APP_STACK, frame, n > 1 ? MX_MORE : 0);
		m->kind = (uint8_t)kind;
		m->offset = (uint16_t)(one_in(3) ? dice_edge() : dice_below(18));
		m->length = (uint16_t)(one_in(3) ? dice_edge() : dice_below(MX_PAGE));
		if (frame != MX_NOFRAME && m->offset + m->length > MX_PAGE)
			m->offset = m->length = dice_below(MX_PAGE / 2);
		m->body[0] = about;
		for (uint32_t i = 1; i < 5; i++)
			m->body[i] = (uint32_t)dice_edge();
	}
	raw_submit();
	for (uint32_t i = 0; i < mx_boot->exchange->refused_n; i++)
		raw_free(mx_boot->exchange->out[i].frame);
}

static const char *unknown_connections(void)
{
	for (uint32_t i = 0; i < WORDS; i++)
		utter(some_kind(), one_in(4) ? (uint32_t)dice_edge() : dice_below(MX_CONNS + 1));
	return NULL;
}

/* All numbers there are: among them those of the other application. */
static const char *end_others(void)
{
	for (uint32_t about = 0; about < MX_CONNS; about++)
		utter(one_in(2) ? MX_SK_ABORT : MX_SK_CLOSE, about);
	return NULL;
}

static void listen(void)
{
	struct mx_msg *m = raw_out(MX_APP_STACK, MX_NOFRAME, 0);

	m->kind = MX_SK_LISTEN;
	m->offset = 0;
	m->length = (uint16_t)wrong_port;
	m->body[1] = 16;
	raw_submit();
}

/* A client of the test comes by within this time, or there is nothing to abuse. */
static bool accepted(void)
{
	uint64_t until = mx_now() + 2 * WRONG_WHILE;
	struct mx_msg m;

	listen(); /* which is refused the second time */
	while (mx_now() < until) {
		if (!raw_recv(&m, until))
			continue;
		raw_free(m.frame);
		conn = m.body[0];
		if (m.kind == MX_SK_ACCEPT)
			return true;
	}
	return false;
}

static const char *own_connection(void)
{
	for (uint32_t i = 0; accepted() && i < 2; i++)
		for (uint32_t k = 0; k < WORDS / 2; k++)
			utter(one_in(3) ? MX_SK_DATA : some_kind(), conn);
	return NULL;
}

/* More data than the credit of a connection. */
static const char *exceed_window(void)
{
	uint32_t frame;

	if (!accepted())
		return NULL;
	for (uint32_t bytes = 0; bytes < 4 * MX_SK_WINDOW;) {
		if (!wrong_room(MX_APP_STACK, 1, mx_now() + WRONG_WHILE) ||
		    raw_take(&frame, 1, mx_now() + WRONG_WHILE) != 1)
			break;
		for (uint32_t n = 0; n < MX_SK_WINDOW / MX_PAGE + 8; n++) {
			struct mx_msg *m = raw_out(MX_APP_STACK, frame, 0);

			m->kind = MX_SK_DATA;
			m->length = MX_PAGE;
			m->body[0] = conn;
			bytes += MX_PAGE;
			if (raw_submit() != MX_OK) {
				raw_free(frame);
				break;
			}
			if (raw_take(&frame, 1, mx_now() + WRONG_WHILE) != 1)
				break;
		}
	}
	return NULL;
}

/* Bytes it says to be done with that never came: the window must not grow by them. */
static const char *false_done(void)
{
	struct mx_msg *m;

	for (uint32_t i = 0; accepted() && i < 2; i++)
		for (uint32_t k = 0; k < 40 && wrong_room(MX_APP_STACK, 1, mx_now() + MX_S); k++) {
			m = raw_out(MX_APP_STACK, MX_NOFRAME, 0);
			m->kind = MX_SK_CREDIT;
			m->body[0] = conn;
			m->body[1] = (uint32_t)dice_edge();
			raw_submit();
		}
	return NULL;
}

/* Every listener and every socket there is, again and again; the answers are not collected. */
static const char *hoard_sockets(void)
{
	for (uint32_t i = 0; i < WORDS; i++) {
		struct mx_msg *m;

		if (!mx_boot->exchange->credit[MX_APP_STACK])
			break;
		m = raw_out(MX_APP_STACK, MX_NOFRAME, 0);
		m->kind = one_in(2) ? MX_SK_LISTEN : one_in(4) ? MX_SK_UNBIND : MX_SK_BIND;
		m->offset = (uint16_t)(one_in(8) ? dice_edge() : dice_below(20));
		m->length = (uint16_t)(one_in(8) ? dice_edge() : 2000 + dice_below(100));
		m->body[1] = (uint32_t)dice_edge();
		raw_submit();
		raw_exchange(0, mx_now() + MX_US);
	}
	raw_exchange(0, mx_now() + WRONG_WHILE);
	return NULL;
}

/* To anywhere, from anywhere. */
static const char *datagrams(void)
{
	struct mx_msg *m = raw_out(MX_APP_STACK, MX_NOFRAME, 0);

	m->kind = MX_SK_BIND;
	m->offset = 0;
	m->length = 4000;
	raw_submit();
	for (uint32_t i = 0; i < WORDS; i++)
		utter(MX_SK_DATAGRAM, one_in(4) ? (uint32_t)dice() : 4001u << 16);
	return NULL;
}

const struct misdeed wrong_sockets[] = {
        {"talk of unknown connections", REFUSED, unknown_connections, NULL, {0}},
        {"end the connections of others", REFUSED, end_others, NULL, {0}},
        {"abuse its own connections", REFUSED, own_connection, NULL, {0}},
        {"send more than the window", REFUSED, exceed_window, NULL, {0}},
        {"be done with what never came", REFUSED, false_done, NULL, {0}},
        {"hoard listeners and sockets", REFUSED, hoard_sockets, NULL, {0}},
        {"send datagrams to anywhere", REFUSED, datagrams, NULL, {0}},
        {.name = NULL}};

/* The other side of an application under a fuzzer: see apps.h. */
#include <string.h>
#include <moxie/slots.h>
#include <moxie/socket.h>
#include "tests/fuzz/apps.h"
#include "tests/fuzz/machine.h"

struct app_conn app_conns[APP_CONNS];

void app_reset(void)
{
	memset(app_conns, 0, sizeof(app_conns));
}

bool app_open(uint32_t conn)
{
	return app_conns[conn].binding && app_conns[conn].binding == machine_binding(MX_APP_STACK);
}

static void accept(uint32_t conn)
{
	app_conns[conn] =
	        (struct app_conn){.binding = machine_binding(MX_APP_STACK),
	                          .used = true,
	                          .strange = app_conns[conn].strange || app_conns[conn].used};
}

static void say(uint8_t kind, uint32_t conn, uint16_t offset, uint32_t value)
{
	struct mx_msg m = {.frame = MX_NOFRAME,
	                   .kind = kind,
	                   .offset = offset,
	                   .length = 4000,
	                   .body = {conn, value}};

	if (kind == MX_SK_ACCEPT)
		m.body[1] = 0;
	if (!machine_message(MX_APP_STACK, &m))
		return;
	if (kind == MX_SK_ACCEPT)
		accept(conn);
	else if (kind == MX_SK_CLOSED)
		app_conns[conn].binding = 0;
	else if (kind == MX_SK_SENT)
		app_conns[conn].unsaid = 0;
}

static void data(struct event *e, uint32_t conn)
{
	uint32_t cut = 1 + (uint32_t)event_take(e, 1) * 16, body[5] = {conn};

	if (cut > MX_PAGE - 64)
		cut = MX_PAGE - 64;
	for (uint32_t at = 0; at < e->n; at += cut) {
		uint32_t part = e->n - at < cut ? e->n - at : cut;

		machine_packet(MX_APP_STACK, MX_SK_DATA, body, e->data + at, part, 64, MX_PAGE);
	}
}

/* Anything. Bytes that it says are acknowledged may be sent again. */
static void message(struct event *e)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .kind = (uint8_t)event_take(e, 1)};
	uint32_t conn = (uint32_t)event_take(e, 2), frozen, value;

	m.offset = (uint16_t)event_take(e, 2);
	m.length = (uint16_t)event_take(e, 2);
	value = (uint32_t)event_take(e, 4);
	frozen = (uint32_t)event_take(e, 1);
	if (frozen & 1) {
		m.frame = MACHINE_FRAMES + frozen / 2 % MACHINE_FROZEN;
		m.offset %= MX_PAGE;
		m.length = (uint16_t)(m.length % (MX_PAGE - m.offset));
	}
	memcpy(m.body, e->data, e->n < sizeof(m.body) ? e->n : sizeof(m.body));
	m.body[0] = conn;
	m.body[1] = value;
	if (!machine_message(MX_APP_STACK, &m) || conn >= APP_CONNS)
		return;
	if (m.kind == MX_SK_ACCEPT)
		accept(conn);
	else if (m.kind == MX_SK_SENT)
		app_conns[conn].unsaid -=
		        value < app_conns[conn].unsaid ? value : app_conns[conn].unsaid;
}

static void datagram(struct event *e)
{
	struct mx_datagram from = {.socket = event_take(e, 1) & 15};
	uint32_t cut;

	from.port = (uint16_t)event_take(e, 2);
	cut = 16 + (uint32_t)event_take(e, 1) * 16;
	if (cut > MX_PAGE - 64)
		cut = MX_PAGE - 64;
	machine_packet(MX_APP_STACK, MX_SK_DATAGRAM, &from, e->data, e->n, 64, cut);
}

bool app_event(uint32_t what, struct event *e)
{
	uint32_t conn;

	if (what >= APP_EVENTS)
		return false;
	if (what == APP_MESSAGE || what == APP_DATAGRAM) {
		what == APP_MESSAGE ? message(e) : datagram(e);
		return true;
	}
	conn = event_take(e, 1) % APP_CONNS;
	if (what == APP_DATA)
		data(e, conn);
	else if (what == APP_SENT)
		say(MX_SK_SENT, conn, 0, app_conns[conn].unsaid);
	else
		say(what == APP_ACCEPT ? MX_SK_ACCEPT
		    : what == APP_FIN  ? MX_SK_FIN
		                       : MX_SK_CLOSED,
		    conn, (uint16_t)event_take(e, 1), 0);
	return true;
}

void app_sent(const struct mx_msg *chain, uint32_t n)
{
	uint32_t conn = mx_conn(chain);

	fuzz_assert(chain->kind >= MX_SK_LISTEN && chain->kind <= MX_SK_DATAGRAM);
	fuzz_assert(n == 1 || chain->kind == MX_SK_DATAGRAM);
	fuzz_assert((chain->kind == MX_SK_DATA || chain->kind == MX_SK_DATAGRAM) ==
	            (chain->frame != MX_NOFRAME));
	if (conn >= APP_CONNS)
		return;
	if (chain->kind == MX_SK_CLOSE || chain->kind == MX_SK_ABORT) {
		app_conns[conn].binding = 0;
		app_conns[conn].used = false;
	}
	if (chain->kind != MX_SK_DATA)
		return;
	fuzz_assert(chain->length);
	app_conns[conn].messages++;
	app_conns[conn].sent += chain->length;
	app_conns[conn].unsaid += chain->length;
	fuzz_assert(app_conns[conn].strange || app_conns[conn].unsaid <= MX_SK_WINDOW);
}

/*
 * The iperf3 server domain: control from init, messages from the stack.
 *
 * `iperf3 -c` measures the appliance itself by it. When init has said GO it listens, and reports
 * READY when the stack does; then test.c has a client.
 */
#include <string.h>
#include <moxie/control.h>
#include <moxie/counters.h>
#include <moxie/kept.h>
#include <moxie/packet.h>
#include <moxie/service.h>
#include <moxie/slots.h>
#include "control.h"
#include "datagram.h"
#include "payload.h"
#include "stats.h"
#include "stream.h"
#include "test.h"

#define RESERVE 64u /* frames at hand, for the headers of datagrams */

static struct mx_control_end parent;
static struct mx_service service = {.name = "iperf3"};
static uint64_t work; /* ns spent in events */
struct stats stats MX_KEPT;

#define COUNTER(name_, field)                                                                      \
	{                                                                                          \
		.name = name_, .value = &stats.field, .port = MX_CTL_NO_PORT                       \
	}
static const struct mx_counter counters[] = {
        COUNTER("tests", tests),
        COUNTER("tests.aborted", aborted),
        COUNTER("denied", denied),
        COUNTER("streams", streams),
        COUNTER("bytes.received", received),
        COUNTER("bytes.sent", sent),
        COUNTER("datagrams.in", datagrams_in),
        COUNTER("datagrams.out", datagrams_out),
        COUNTER("datagrams.strange", strangers),
        COUNTER("unknown", unknown),
};

void domain_start(void)
{
	uint32_t spare = mx_boot->quota - mx_boot->slots[MX_APP_STACK].depth;

	if (!mx_control_open(&parent, mx_boot, MX_PARENT))
		mx_panic("no control channel");
	mx_counters_init(counters, sizeof(counters) / sizeof(counters[0]));
	mx_counters_inherit(counters, sizeof(counters) / sizeof(counters[0]));
	payload_start();
	mx_reserve(spare / 2 < RESERVE ? spare / 2 : RESERVE);
}

/* Another stack knows neither our listener nor our connections. */
static void take_event(const struct mx_msg *m)
{
	if (m->slot != MX_APP_STACK)
		return;
	test_reset();
	datagram_reset();
	link_reset();
	mx_service_lost(&service);
}

static void accept(const struct mx_msg *m)
{
	uint32_t number = mx_conn(m);
	struct link *l;

	if (test_takes_streams()) {
		stream_accept(number);
		return;
	}
	l = link_open(number, LINK_CONTROL, 0);
	if (l)
		test_accept(l, &m->body[1]);
	else
		stats.unknown++;
}

/* In a frame that is ours now: a frozen one cannot be mapped, and came from no wire. */
static bool is_received(const struct mx_msg *m)
{
	return m->frame != MX_NOFRAME && !mx_is_frozen(m->frame);
}

/* Bytes of a connection. Of one that nobody owns any more they are dropped. */
static void take_data(const struct mx_msg *m)
{
	struct link *l = link_at(mx_conn(m));

	if (!l || !is_received(m)) {
		stats.unknown++;
		return;
	}
	if (l->owner == LINK_STREAM) {
		stream_data(&streams.at[l->stream], m);
		test_heard();
	} else if (l->owner == LINK_CONTROL) {
		l->owed += m->length;
		control_data((uint8_t *)link_look(m->frame) + m->offset, m->length);
	}
}

/* A bare message about a connection. */
static void take_word(const struct mx_msg *m)
{
	struct link *l = link_at(mx_conn(m));

	if (!l) {
		stats.unknown++;
		return;
	}
	switch (m->kind) {
	case MX_SK_SENT:
		link_sent(l, m->body[1]);
		test_heard();
		break;
	case MX_SK_FIN:
		if (l->owner == LINK_CONTROL)
			test_lost(l);
		break;
	default: /* MX_SK_CLOSED */
		if (l->owner != LINK_NOBODY)
			test_lost(l);
		link_closed(l);
	}
}

static uint32_t take(const struct mx_msg *m)
{
	switch (m->kind) {
	case MX_SK_DATA:
		take_data(m);
		break;
	case MX_SK_ACCEPT:
		accept(m);
		break;
	case MX_SK_SENT:
	case MX_SK_FIN:
	case MX_SK_CLOSED:
		take_word(m);
		break;
	case MX_SK_BOUND:
	case MX_SK_UNBOUND:
	case MX_SK_LEFT:
		datagram_word(m);
		break;
	case MX_SK_LISTENING:
		mx_service_listening(&service, m);
		datagram_port(service.port);
		break;
	default:
		if (m->kind >= MX_EVENT)
			take_event(m);
		else
			stats.unknown++;
	}
	if (m->frame != MX_NOFRAME)
		mx_free(m->frame);
	return 1;
}

/* A datagram; how many messages it is. */
static uint32_t take_chain(const struct mx_msg *chain, uint32_t n)
{
	uint32_t length = 1, frames = is_received(&chain[0]);

	for (; length < n && (chain[length - 1].flags & MX_MORE); length++)
		frames += is_received(&chain[length]);
	if (frames == length)
		datagram_data(chain, length);
	else
		stats.unknown++;
	mx_free_chain(chain, length);
	return length;
}

void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	uint64_t begun = mx_now();

	test_begin(begun);
	for (uint32_t i = 0; i < n;)
		i += in[i].kind == MX_SK_DATAGRAM ? take_chain(&in[i], n - i) : take(&in[i]);
	test_turn(work);
	datagram_turn();
	link_turn();
	if (pending & 1ull << MX_PARENT)
		mx_service_control(&service, &parent);
	mx_service_turn(&service, &parent);
	mx_counters_turn(&parent);
	work += mx_now() - begun;
}

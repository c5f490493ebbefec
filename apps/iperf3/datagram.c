/*
 * Streams over UDP, all by one port: see datagram.h.
 *
 * Rules: a stream is who has greeted from the client's address while streams are created; what
 * others send is counted and dropped. The port is bound for a test only: else lwIP answers that it
 * is unreachable. Loss, order and jitter are counted as iperf3 counts them. A datagram is a header
 * in a frame of its own and frozen content behind it.
 */
#include <string.h>
#include <moxie/slots.h>
#include "datagram.h"
#include "payload.h"
#include "stats.h"
#include "test.h"

#define SOCKET 0u
#define BURST  16u /* datagrams of one stream before the others have their turn */
#define HELLO  4u

static struct {
	enum { FREE, BINDING, BOUND, UNBINDING } state;
	uint16_t number;
	bool wanted;   /* by a test */
	uint32_t held; /* frames handed over, not yet reported by MX_SK_LEFT */
} port;

/* What every datagram starts with, in network order; `number` has 32 or 64 bits. */
struct header {
	uint32_t seconds, micros;
	uint32_t number[2];
};

static bool say(uint8_t kind, uint16_t number)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .kind = kind, .offset = SOCKET, .length = number};

	if (mx_send(MX_APP_STACK, &m, 1) == MX_OK)
		return true;
	mx_thirst(MX_APP_STACK);
	return false;
}

void datagram_turn(void)
{
	if (port.state == FREE && port.wanted && say(MX_SK_BIND, port.number))
		port.state = BINDING;
	else if (port.state == BOUND && !port.wanted && say(MX_SK_UNBIND, 0))
		port.state = UNBINDING;
}

void datagram_port(uint16_t number)
{
	port.number = number;
}

void datagram_bind(void)
{
	port.wanted = true;
	if (port.state == BOUND)
		test_bound(0);
	datagram_turn();
}

void datagram_unbind(void)
{
	port.wanted = false;
	datagram_turn();
}

void datagram_reset(void)
{
	port.state = FREE;
	port.wanted = false;
	port.held = 0;
}

void datagram_word(const struct mx_msg *m)
{
	if (m->kind == MX_SK_LEFT) {
		port.held -= m->body[1] < port.held ? m->body[1] : port.held;
	} else if (m->kind == MX_SK_UNBOUND) {
		port.state = FREE;
		port.held = 0;
	} else {
		port.state = m->body[1] ? FREE : BOUND;
		if (m->body[1])
			mx_log("cannot have UDP port %u: error %u", port.number, m->body[1]);
		if (port.wanted)
			test_bound(m->body[1]);
	}
	datagram_turn();
}

static struct stream *find(const struct mx_datagram *from)
{
	for (struct stream *s = streams.at; s < streams.at + streams.n; s++)
		if (memcmp(&s->peer, from, sizeof(*from)) == 0)
			return s;
	return NULL;
}

static bool send_one(const struct mx_datagram *to, struct mx_msg *chain, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		chain[i].kind = MX_SK_DATAGRAM;
	memcpy(chain[0].body, to, sizeof(*to));
	if (port.held + n > MX_SK_FRAMES || mx_send(MX_APP_STACK, chain, n) != MX_OK)
		return false;
	port.held += n;
	stats.datagrams_out++;
	return true;
}

/* The client's greeting turned round: "9876" is answered by "6789" in either byte order. */
static void greet(const struct mx_datagram *from, const uint8_t *hello)
{
	struct mx_msg m = {.frame = link_frame(), .length = HELLO};
	uint8_t *answer;

	if (m.frame == MX_NOFRAME)
		return;
	answer = mx_frame(m.frame);
	for (uint32_t i = 0; i < HELLO; i++)
		answer[i] = hello[HELLO - 1 - i];
	if (!send_one(from, &m, 1))
		mx_free(m.frame);
}

/* The answer may be lost: who greets again is answered again. */
static void join(struct stream *s, const struct mx_datagram *from, const uint8_t *hello)
{
	if (!s && test_is_client(from->address))
		s = stream_add();
	if (!s) {
		stats.strangers++;
		return;
	}
	s->peer = *from;
	s->joined = true;
	greet(from, hello);
	test_check();
}

/* iperf_udp_recv: a gap is loss, and what comes late after all takes one loss back. */
static void count_number(struct stream *s, uint64_t number)
{
	if (number > s->packets) {
		s->lost += number - s->packets - 1;
		s->packets = number;
		return;
	}
	s->disordered++;
	s->lost -= s->lost > 0;
}

/* RFC 1889, 6.3.1: the clocks need not agree, only the change of their difference counts. */
static void count_jitter(struct stream *s, const struct header *h)
{
	int64_t sent = (int64_t)(__builtin_bswap32(h->seconds) * MX_S +
	                         __builtin_bswap32(h->micros) * MX_US);
	int64_t transit = (int64_t)mx_now() - sent, change = transit - s->transit;

	if (s->timed)
		s->jitter += ((change < 0 ? -change : change) - s->jitter) / 16;
	s->timed = true;
	s->transit = transit;
}

static void receive(struct stream *s, const struct mx_msg *chain, uint32_t n)
{
	uint32_t need = test.params.wide ? 16 : 12;
	struct header h = {0};

	if (chain[0].length < need) {
		stats.strangers++;
		return;
	}
	memcpy(&h, (uint8_t *)link_look(chain[0].frame) + chain[0].offset, need);
	for (uint32_t i = 0; i < n; i++) {
		s->bytes += chain[i].length;
		stats.received += chain[i].length;
	}
	stats.datagrams_in++;
	count_number(s, test.params.wide ? (uint64_t)__builtin_bswap32(h.number[0]) << 32 |
	                                           __builtin_bswap32(h.number[1])
	                                 : __builtin_bswap32(h.number[0]));
	count_jitter(s, &h);
}

void datagram_data(const struct mx_msg *chain, uint32_t n)
{
	struct mx_datagram from;
	struct stream *s;

	memcpy(&from, chain[0].body, sizeof(from));
	s = find(&from);
	if (test_takes_greetings() && n == 1 && chain[0].length == HELLO) {
		join(s, &from, (uint8_t *)link_look(chain[0].frame) + chain[0].offset);
	} else if (s && test.running && !s->sender) {
		receive(s, chain, n);
		test_heard();
	} else {
		stats.strangers++;
	}
}

static void write_header(struct header *h, uint64_t number)
{
	uint64_t now = mx_now();

	h->seconds = __builtin_bswap32((uint32_t)(now / MX_S));
	h->micros = __builtin_bswap32((uint32_t)(now % MX_S / MX_US));
	if (test.params.wide) {
		h->number[0] = __builtin_bswap32((uint32_t)(number >> 32));
		h->number[1] = __builtin_bswap32((uint32_t)number);
	} else {
		h->number[0] = __builtin_bswap32((uint32_t)number);
		h->number[1] = 0;
	}
}

/* One datagram of a block; false: no frame or no room now. */
static bool send_block(struct stream *s)
{
	struct mx_msg chain[MX_CHAIN_MAX] = {
	        {.frame = link_frame(), .length = sizeof(struct header)}};
	uint32_t n;

	if (chain[0].frame == MX_NOFRAME) {
		mx_wake_at(mx_now() + MX_MS);
		return false;
	}
	write_header(mx_frame(chain[0].frame), s->packets + 1);
	n = 1 + payload_chain(chain + 1, MX_CHAIN_MAX - 1,
	                      test.params.block - (uint32_t)sizeof(struct header));
	if (!send_one(&s->peer, chain, n)) {
		mx_free(chain[0].frame);
		return false;
	}
	s->packets++;
	stream_did_send(s, test.params.block);
	return true;
}

bool datagram_burst(struct stream *s, uint64_t now)
{
	uint64_t most = stream_allowance(s, now);

	/* The client hears and says nothing. Twice what it asked for, and it is taken for dead. */
	if (most && (!test.params.most || test.sent / 2 < test.params.most))
		test_heard();
	for (uint32_t i = 0; i < BURST; i++) {
		if (most < test.params.block || !send_block(s))
			return false;
		most -= test.params.block;
	}
	return true;
}

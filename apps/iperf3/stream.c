/*
 * The streams of a test, and those over TCP: see stream.h.
 *
 * Rules: received data is counted and its frame goes home, unseen. Senders take turns.
 */
#include <string.h>
#include <moxie/slots.h>
#include "datagram.h"
#include "payload.h"
#include "stats.h"
#include "stream.h"
#include "test.h"

#define BURST 16u /* messages of one stream before the others have their turn */
#define PACE  MX_MS

struct streams streams;

void streams_expect(uint32_t n, uint32_t receivers)
{
	streams.n = 0;
	streams.wanted = n;
	streams.receivers = receivers;
}

bool streams_complete(void)
{
	for (uint32_t i = 0; i < streams.n; i++)
		if (!streams.at[i].joined)
			return false;
	return streams.n == streams.wanted;
}

struct stream *stream_add(void)
{
	struct stream *s = &streams.at[streams.n];

	if (streams.n == streams.wanted)
		return NULL;
	*s = (struct stream){.sender = streams.n >= streams.receivers};
	streams.n++;
	stats.streams++;
	return s;
}

void stream_accept(uint32_t number)
{
	struct link *l = link_open(number, LINK_STREAM, streams.n);
	struct stream *s = l ? stream_add() : NULL;

	if (!l)
		stats.unknown++;
	else if (s)
		s->link = l;
	else
		link_deny(l);
}

/* It is none of this test's: those behind it move up, so that the order stays the client's. */
static void remove(struct stream *s)
{
	uint32_t i = (uint32_t)(s - streams.at);

	streams.n--;
	stats.streams--;
	memmove(s, s + 1, (streams.n - i) * sizeof(*s));
	for (; i < streams.n; i++) {
		streams.at[i].link->stream = (uint16_t)i;
		streams.at[i].sender = i >= streams.receivers;
	}
}

void stream_lost(struct stream *s, bool early)
{
	struct link *l = s->link;

	if (early)
		remove(s);
	else
		s->link = NULL;
	link_abort(l);
}

static void take_cookie(struct stream *s, const struct mx_msg *m)
{
	const uint8_t *data = (uint8_t *)link_look(m->frame) + m->offset;
	uint32_t n = COOKIE - s->have < m->length ? COOKIE - s->have : m->length;
	struct link *l = s->link;

	memcpy(s->cookie + s->have, data, n);
	s->have = (uint8_t)(s->have + n);
	if (s->have < COOKIE)
		return;
	s->joined = test_cookie(s->cookie);
	if (!s->joined) {
		remove(s);
		link_deny(l);
	}
	test_check();
}

void stream_data(struct stream *s, const struct mx_msg *m)
{
	s->link->owed += m->length;
	if (!s->joined) {
		take_cookie(s, m);
	} else if (test.running) {
		s->bytes += m->length;
		stats.received += m->length;
	}
}

void streams_omit(void)
{
	for (struct stream *s = streams.at; s < streams.at + streams.n; s++) {
		s->omitted_packets = s->packets;
		s->omitted_lost = s->lost;
		s->jitter = 0;
		s->bytes = 0;
	}
}

/* What all streams may send together is bounded by `most`, in whole blocks, as iperf3 does. */
static uint64_t left_of_all(void)
{
	const struct params *p = &test.params;
	uint64_t most;

	if (!p->most || p->udp) /* UDP: what is lost does not count, so only the client knows */
		return UINT64_MAX;
	most = (p->most + p->block - 1) / p->block * p->block;
	return most > test.sent ? most - test.sent : 0;
}

uint64_t stream_allowance(const struct stream *s, uint64_t now)
{
	const struct params *p = &test.params;
	uint64_t unit = (uint64_t)p->block * (p->burst ? p->burst : 1), due, next;

	if (!p->rate)
		return left_of_all();
	due = (uint64_t)((unsigned __int128)(now - test.started) * p->rate / (8 * MX_S));
	due = (due + unit - 1) / unit * unit;
	if (due > s->sent)
		return left_of_all() < due - s->sent ? left_of_all() : due - s->sent;
	next = test.started + (uint64_t)((unsigned __int128)s->sent * 8 * MX_S / p->rate);
	mx_wake_at(next > now + PACE ? next : now + PACE);
	return 0;
}

void stream_did_send(struct stream *s, uint32_t bytes)
{
	s->sent += bytes;
	s->bytes += bytes;
	test.sent += bytes;
	stats.sent += bytes;
}

/* A page, or what is left of one; false: no more now. */
static bool send_piece(struct stream *s, uint64_t most)
{
	struct mx_msg m;

	if (!payload_piece(&m, s->sent, most) || !link_send(s->link, m.frame, m.offset, m.length))
		return false;
	stream_did_send(s, m.length);
	return true;
}

/* true: it has sent something, and could go on. */
static bool send_burst(struct stream *s, uint64_t now)
{
	uint64_t most;

	if (!s->link)
		return false;
	most = stream_allowance(s, now);
	for (uint32_t i = 0; i < BURST; i++) {
		uint64_t before = s->sent;

		if (!send_piece(s, most))
			return false;
		most -= s->sent - before;
	}
	return true;
}

/* Turns for all, beginning with another one each time. */
static void send_all(uint64_t now)
{
	static uint32_t turn;
	bool more = true;

	while (more && mx_credit(MX_APP_STACK)) {
		more = false;
		for (uint32_t i = 0; i < streams.n; i++) {
			struct stream *s = &streams.at[(turn + i) % streams.n];

			if (s->sender)
				more |= test.params.udp ? datagram_burst(s, now)
				                        : send_burst(s, now);
		}
	}
	turn++;
	if (more)
		mx_thirst(MX_APP_STACK);
}

void streams_turn(uint64_t now)
{
	for (uint32_t i = 0; i < streams.n; i++)
		if (streams.at[i].link)
			link_credit(streams.at[i].link);
	if (test.running)
		send_all(now);
}

/*
 * What we sent may still be on its way, and the client reads on until its end. What the client has
 * still to send does not count any more.
 */
void streams_end(void)
{
	for (struct stream *s = streams.at; s < streams.at + streams.n; s++) {
		if (s->link && s->sender)
			link_close(s->link);
		else if (s->link)
			link_abort(s->link);
		s->link = NULL;
	}
}

void streams_abort(void)
{
	for (struct stream *s = streams.at; s < streams.at + streams.n; s++)
		if (s->link)
			link_abort(s->link);
	streams_forget();
}

void streams_forget(void)
{
	streams.n = streams.wanted = 0;
}

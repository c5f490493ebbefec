/*
 * A test from its client's first byte to the last: see test.h and protocol.h.
 *
 * Rules: one client at a time, all others are told so. A client has SETUP to come to the next step,
 * and SILENCE once the test runs; then it is given up. Whatever ends a test, the next one
 * can begin at once: what is left of this one's connections finishes by itself in link.c.
 */
#include <string.h>
#include "control.h"
#include "datagram.h"
#include "protocol.h"
#include "results.h"
#include "stats.h"
#include "stream.h"
#include "test.h"

#define SETUP       (10 * MX_S)
#define SILENCE     (120 * MX_S) /* as iperf3's own server */
#define GRACE       (40 * MX_S)  /* beyond the time the client asked for; likewise */
#define RESULTS_MAX (1u << 20)
#define LISTEN      102u /* iperf3's number: unable to listen */

static enum {
	IDLE,
	COOKIE_DUE,
	PARAMS_LENGTH,
	PARAMS_DUE,
	BINDING,
	STREAMS_DUE,
	RUNNING,
	RESULTS_LENGTH,
	RESULTS_DUE,
	DONE_DUE
} phase;
static uint8_t cookie[COOKIE];
static uint32_t client[4]; /* its address */
static uint32_t params_length;
static uint64_t now, heard;
struct test test;

void test_heard(void)
{
	heard = now;
}

static void expect(uint32_t n, int next)
{
	phase = next;
	heard = now;
	control_expect(n);
}

static void finish(void)
{
	phase = IDLE;
	test.running = false;
	streams_abort();
	datagram_unbind();
}

static void give_up(void)
{
	stats.aborted++;
	control_abort();
	finish();
}

static void refuse(uint32_t error)
{
	stats.aborted++;
	control_state(STATE_SERVER_ERROR);
	control_number(error);
	control_number(0);
	control_close();
	finish();
}

void test_accept(struct link *l, const uint32_t peer[4])
{
	if (phase != IDLE) {
		link_deny(l);
		return;
	}
	test = (struct test){0};
	memcpy(client, peer, sizeof(client));
	control_open(l);
	expect(COOKIE, COOKIE_DUE);
}

bool test_takes_streams(void)
{
	return phase == STREAMS_DUE && !test.params.udp;
}

bool test_takes_greetings(void)
{
	return phase == STREAMS_DUE && test.params.udp;
}

bool test_is_client(const uint32_t address[4])
{
	return memcmp(address, client, sizeof(client)) == 0;
}

bool test_cookie(const uint8_t *bytes)
{
	return memcmp(bytes, cookie, COOKIE) == 0;
}

static uint32_t length_of(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void create_streams(void)
{
	const struct params *p = &test.params;

	streams_expect(p->both ? 2 * p->parallel : p->parallel, p->both      ? p->parallel
	                                                        : p->reverse ? 0
	                                                                     : p->parallel);
	control_state(STATE_CREATE_STREAMS);
	expect(1, STREAMS_DUE);
}

static void take_params(uint32_t length)
{
	uint32_t wrong = params_read(&test.params, (const char *)control_bytes(), length);

	if (wrong) {
		refuse(wrong);
	} else if (test.params.udp) {
		expect(1, BINDING);
		datagram_bind();
	} else {
		create_streams();
	}
}

void test_bound(uint32_t error)
{
	if (phase != BINDING)
		return;
	if (error)
		refuse(LISTEN);
	else
		create_streams();
}

void test_check(void)
{
	if (phase != STREAMS_DUE || !streams_complete())
		return;
	control_state(STATE_TEST_START);
	control_state(STATE_TEST_RUNNING);
	expect(1, RUNNING);
	test.started = test.counted = now;
	test.work_from = test.work;
	test.running = true;
	test.omitting = test.params.omit != 0;
}

static void end_running(void)
{
	test.running = false;
	test.ended = now;
	streams_end();
	datagram_unbind();
	control_state(STATE_EXCHANGE_RESULTS);
	expect(4, RESULTS_LENGTH);
}

static void say_results(void)
{
	uint32_t room;
	char *text = control_text(&room);

	control_wrote(results_write(text, room));
	control_state(STATE_DISPLAY_RESULTS);
	expect(1, DONE_DUE);
}

static void done(void)
{
	stats.tests++;
	control_close();
	finish();
}

/* A state that the client tells. */
static void take_state(uint8_t state)
{
	if (phase == RUNNING && state == STATE_TEST_END)
		end_running();
	else if (phase == DONE_DUE && state == STATE_IPERF_DONE)
		done();
	else
		give_up(); /* STATE_CLIENT_TERMINATE, or nonsense */
}

/* The client's own results are for a report of the server's user: there is none. */
static void take_length(uint32_t length)
{
	bool results = phase == RESULTS_LENGTH;

	if (!length || length > (results ? RESULTS_MAX : PARAMS_MAX)) {
		give_up();
	} else if (results) {
		phase = RESULTS_DUE;
		control_skip(length);
	} else {
		params_length = length;
		expect(length, PARAMS_DUE);
	}
}

void test_step(void)
{
	const uint8_t *bytes = control_bytes();

	switch (phase) {
	case COOKIE_DUE:
		memcpy(cookie, bytes, COOKIE);
		control_state(STATE_PARAM_EXCHANGE);
		expect(4, PARAMS_LENGTH);
		break;
	case PARAMS_LENGTH:
	case RESULTS_LENGTH:
		take_length(length_of(bytes));
		break;
	case PARAMS_DUE:
		take_params(params_length);
		break;
	case RESULTS_DUE:
		say_results();
		break;
	default:
		take_state(bytes[0]);
	}
}

void test_lost(struct link *l)
{
	if (l->owner == LINK_STREAM)
		stream_lost(&streams.at[l->stream], phase == STREAMS_DUE);
	if (!control_is(l))
		return;
	if (phase == DONE_DUE)
		done(); /* it has its results */
	else if (phase != IDLE)
		give_up();
}

static void check_omit(void)
{
	uint64_t end = test.started + test.params.omit * MX_S;

	if (!test.omitting)
		return;
	if (now < end) {
		mx_wake_at(end);
		return;
	}
	test.omitting = false;
	test.counted = now;
	test.sent = 0;
	test.work_from = test.work;
	streams_omit();
}

static void check_time(void)
{
	uint64_t limit = heard + (test.running ? SILENCE : SETUP);
	uint64_t most = test.started + (test.params.omit + test.params.seconds) * MX_S + GRACE;

	if (test.running && test.params.seconds && most < limit)
		limit = most;
	if (now >= limit)
		give_up();
	else
		mx_wake_at(limit);
}

void test_begin(uint64_t time)
{
	now = time;
}

void test_turn(uint64_t work)
{
	if (!test.ended)
		test.work = work;
	if (phase != IDLE)
		check_time();
	if (test.running)
		check_omit();
	control_pump();
	if (phase != IDLE)
		streams_turn(now);
}

void test_reset(void)
{
	control_forget();
	phase = IDLE;
	test.running = false;
	streams_forget();
}

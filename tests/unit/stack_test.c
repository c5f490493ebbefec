/*
 * The stack domain, whole, against a scripted peer, application and executive. Every test ends
 * with all frames back home.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/stack_peer.h"
#include "stack/siphash.h"

static struct peer peer;

static struct mx_msg expect(uint32_t slot, uint8_t kind)
{
	struct mx_msg m;

	assert_true(pop_msg(slot, &m));
	assert_int_equal(m.kind, kind);
	return m;
}

static void expect_none(uint32_t slot)
{
	assert_int_equal(outbox[slot].n, 0);
}

static void listen_80(void)
{
	struct mx_msg m;

	app_listen(APP, 3, 80);
	m = expect(APP, MX_SK_LISTENING);
	assert_int_equal(m.offset, 3);
	assert_int_equal(m.body[1], 0);
}

static uint32_t open_one(uint16_t port)
{
	struct mx_msg m;

	peer_open(&peer, port);
	m = expect(APP, MX_SK_ACCEPT);
	assert_int_equal(m.offset, 3);
	assert_int_equal(m.length, port);
	assert_memory_equal(&m.body[1], "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\x02", 16);
	return mx_conn(&m);
}

static void end_app(uint8_t event)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .slot = APP, .kind = event};

	give(&m, 1);
}

static int begin(void **state)
{
	(void)state;
	listen_80();
	return 0;
}

/* The application ends; all is given back, and an idle stack sleeps for good. */
static int finish(void **state)
{
	(void)state;
	end_app(MX_EVENT_GONE);
	pass(20 * MX_S);
	run(0);
	assert_true(wake >= clock_now + 900 * MX_MS); /* only the Ethernet port's timers */
	drop_all();
	assert_int_equal(frames_out(), 0);
	return 0;
}

static void test_request_and_answer(void **state)
{
	uint32_t c = open_one(4001);
	char big[3000];
	struct mx_msg m;
	uint32_t frame;

	(void)state;
	memset(big, 'x', sizeof(big));
	peer_send(&peer, ACK, peer.seq, "GET /", 5);
	peer.seq += 5;
	m = expect(APP, MX_SK_DATA);
	frame = m.frame;
	assert_int_equal(m.length, 5);
	assert_int_equal(m.offset, 14 + 40); /* the frame the peer's packet came in */
	assert_memory_equal((char *)frame_data(frame) + m.offset, "GET /", 5);
	drop_frame(frame);
	app_say(APP, MX_SK_CREDIT, c, 5);
	app_data(APP, c, "small ", 6);
	app_data(APP, c, big, sizeof(big));
	peer_take(&peer);
	peer_send(&peer, ACK, peer.seq, NULL, 0);
	assert_int_equal(expect(APP, MX_SK_SENT).body[1], 6 + sizeof(big));
	assert_int_equal(peer.length, 6 + sizeof(big));
	assert_memory_equal(peer.data, "small xxxx", 10);
	assert_int_equal(frames_out(), 0);
	app_say(APP, MX_SK_CLOSE, c, 0);
	assert_int_equal(peer_take(&peer), 1);
	assert_true(peer.flags & FIN);
	assert_int_equal(expect(APP, MX_SK_CLOSED).body[1], MX_CLOSED_DONE);
	peer_send(&peer, ACK, peer.seq, "late", 4); /* dropped, not reset */
	peer.seq += 4;
	peer_take(&peer);
	assert_false(peer.flags & RST);
	peer_send(&peer, ACK | FIN, peer.seq++, NULL, 0);
	peer_take(&peer);
	assert_int_equal(peer.sacked, peer.seq);
	expect_none(APP);
}

/* A file of frozen frames: sent uncopied, whole, in order. */
static void test_frozen(void **state)
{
	uint32_t c = open_one(4002), sent = 0;

	(void)state;
	for (uint32_t i = 0; i < 40; i++) {
		struct mx_msg m = {.frame = FRAMES + i,
		                   .slot = APP,
		                   .kind = MX_SK_DATA,
		                   .offset = i ? 0 : 100,
		                   .length = (uint16_t)(i ? MX_PAGE : MX_PAGE - 100)};
		m.body[0] = c;
		give(&m, 1);
	}
	while (peer_take(&peer)) {
		peer_send(&peer, ACK, peer.seq, NULL, 0);
		while (outbox[APP].n)
			sent += expect(APP, MX_SK_SENT).body[1];
	}
	assert_int_equal(peer.length, 40 * MX_PAGE - 100);
	assert_int_equal(sent, peer.length);
	assert_true(peer.frozen > 100);
	assert_memory_equal(peer.data, (char *)frame_data(FRAMES) + 100, peer.length);
}

/* A frame is kept while any segment may be sent again that covers it, even if in part. */
static void test_partial_ack(void **state)
{
	uint32_t c = open_one(4003), start = peer.ack;
	char text[2000];

	(void)state;
	memset(text, 'a', sizeof(text));
	app_data(APP, c, text, sizeof(text));
	peer_take(&peer);
	assert_int_equal(peer.length, sizeof(text));
	peer.ack = start + 1900; /* the middle of the second segment */
	peer_send(&peer, ACK, peer.seq, NULL, 0);
	peer.ack = start + 1460;
	peer.length = 0;
	assert_int_equal(frames_out(), 1);
	pass(3 * MX_S);
	assert_true(peer_take(&peer) > 0); /* the second segment came again, whole */
	assert_int_equal(peer.length, sizeof(text) - 1460);
	assert_int_equal(frames_out(), 1);
	peer_send(&peer, ACK, peer.seq, NULL, 0);
	assert_int_equal(expect(APP, MX_SK_SENT).body[1], 1460); /* whole segments */
	assert_int_equal(expect(APP, MX_SK_SENT).body[1], 540);
	assert_int_equal(frames_out(), 0);
}

static void test_out_of_order(void **state)
{
	struct mx_msg m;

	(void)state;
	open_one(4004);
	peer_send(&peer, ACK, peer.seq + 3, "def", 3);
	peer_send(&peer, ACK, peer.seq + 1, "bcde", 4); /* overlaps */
	expect_none(APP);
	peer_send(&peer, ACK, peer.seq, "ab", 2);
	for (uint32_t at = 0; at < 6; at += m.length) {
		m = expect(APP, MX_SK_DATA);
		assert_memory_equal((char *)frame_data(m.frame) + m.offset, "abcdef" + at,
		                    m.length);
		drop_frame(m.frame);
	}
	expect_none(APP);
}

static void test_no_credit(void **state)
{
	struct mx_msg m;
	uint32_t c;

	(void)state;
	credit[APP] = 0;
	peer_open(&peer, 4005);
	peer_send(&peer, ACK, peer.seq, "one", 3);
	peer_send(&peer, ACK, peer.seq + 3, "two", 3);
	peer_send(&peer, ACK | FIN, peer.seq + 6, NULL, 0);
	expect_none(APP);
	assert_true(thirsty >> APP & 1);
	credit[APP] = 2;
	run(0);
	c = mx_conn(&(struct mx_msg){.body = {expect(APP, MX_SK_ACCEPT).body[0]}});
	m = expect(APP, MX_SK_DATA);
	assert_memory_equal((char *)frame_data(m.frame) + m.offset, "one", 3);
	drop_frame(m.frame);
	expect_none(APP);
	assert_true(thirsty >> APP & 1);
	credit[APP] = 100;
	run(0);
	m = expect(APP, MX_SK_DATA);
	assert_memory_equal((char *)frame_data(m.frame) + m.offset, "two", 3);
	drop_frame(m.frame);
	expect(APP, MX_SK_FIN);
	assert_false(thirsty >> APP & 1);
	app_say(APP, MX_SK_CLOSE, c, 0);
	peer_take(&peer);
	peer.seq += 7;
	peer_send(&peer, ACK, peer.seq, NULL, 0);
	expect(APP, MX_SK_CLOSED);
}

/* An application that does not read: its peer's frames are bounded, and nothing is lost. */
static void test_slow_reader(void **state)
{
	uint32_t got = 0, sent = 0, base;
	struct mx_msg m;

	(void)state;
	open_one(4006);
	base = peer.seq;
	credit[APP] = 0;
	for (; sent < 2000; sent++) { /* a byte a frame */
		uint8_t byte = (uint8_t)(peer.seq - base);

		peer_send(&peer, ACK, peer.seq, &byte, 1);
		peer_take(&peer);
		peer.seq = peer.sacked;
		if (frames_out() > 600)
			break;
	}
	assert_in_range(frames_out(), 10, 400);
	credit[APP] = 4000;
	pass(MX_S);
	while (pop_msg(APP, &m)) {
		assert_int_equal(((uint8_t *)frame_data(m.frame))[m.offset], (uint8_t)got++);
		drop_frame(m.frame);
	}
	assert_true(got > 100);
}

static void test_overrun(void **state)
{
	uint32_t c = open_one(4007);
	char text[4000];

	(void)state;
	memset(text, 'o', sizeof(text));
	for (uint32_t i = 0; i < MX_SK_WINDOW / sizeof(text) + 1; i++)
		app_data(APP, c, text, sizeof(text));
	peer_take(&peer);
	assert_true(peer.flags & RST);
	assert_int_equal(expect(APP, MX_SK_CLOSED).body[1], MX_CLOSED_RESET);
	app_data(APP, c, "x", 1); /* it does not know yet */
	app_say(APP, MX_SK_CLOSE, c, 0);
	assert_int_equal(frames_out(), 0);
	assert_int_equal(open_one(4008), c); /* the number is free again */
}

static void test_reset_by_peer(void **state)
{
	uint32_t c = open_one(4009);
	struct mx_msg m;
	char text[4000];

	(void)state;
	memset(text, 'r', sizeof(text));
	app_data(APP, c, text, sizeof(text));
	peer_take(&peer);
	peer_send(&peer, ACK, peer.seq, "bye", 3);
	peer.seq += 3;
	peer_send(&peer, RST, peer.seq, NULL, 0);
	m = expect(APP, MX_SK_DATA);
	drop_frame(m.frame);
	m = expect(APP, MX_SK_SENT);
	assert_int_equal(expect(APP, MX_SK_CLOSED).body[1], MX_CLOSED_RESET);
	assert_int_equal(frames_out(), 0);
	app_say(APP, MX_SK_ABORT, c, 0);
	expect_none(APP);
}

static void test_app_death(void **state)
{
	uint32_t c = open_one(4010);
	struct peer second;
	char text[4000];

	(void)state;
	memset(text, 'd', sizeof(text));
	app_data(APP, c, text, sizeof(text));
	credit[APP] = 0;
	peer_take(&peer);
	peer_send(&peer, ACK, peer.seq, "unread", 6);
	peer_take(&peer);
	end_app(MX_EVENT_GONE);
	peer_take(&peer);
	assert_true(peer.flags & RST);
	assert_int_equal(frames_out(), 0);
	memset(&second, 0, sizeof(second));
	second.port = 4011;
	peer_send(&second, SYN, 7, NULL, 0);
	peer_take(&second);
	assert_true(second.flags & RST); /* nobody listens */
	end_app(MX_EVENT_RESET);
	credit[APP] = 4096;
	listen_80();
	open_one(4012);
}

/* The router is full: segments stay with TCP and go out when it has room, in order. */
static void test_router_full(void **state)
{
	uint32_t c = open_one(4013);
	char text[4000];

	(void)state;
	for (uint32_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i / 16);
	credit[MX_STACK_ROUTER] = 0;
	app_data(APP, c, text, sizeof(text));
	assert_true(thirsty >> MX_STACK_ROUTER & 1);
	assert_int_equal(peer_take(&peer), 0);
	credit[MX_STACK_ROUTER] = 4096;
	run(0);
	assert_int_equal(peer_take(&peer), 3);
	assert_int_equal(peer.length, sizeof(text));
	assert_memory_equal(peer.data, text, sizeof(text));
}

static void test_port_taken(void **state)
{
	struct mx_msg m;

	(void)state;
	app_listen(APP + 1, 0, 80);
	m = expect(APP + 1, MX_SK_LISTENING);
	assert_int_equal(m.body[1], EADDRINUSE);
	app_listen(APP + 1, 99, 81);
	m = expect(APP + 1, MX_SK_LISTENING);
	assert_int_equal(m.body[1], EINVAL);
}

/* One that asks for more and more listeners, and hears no answer, leaves room for another. */
static void test_listeners_hoarded(void **state)
{
	struct mx_msg m;

	(void)state;
	credit[APP] = 0;
	for (uint32_t i = 0; i < 200; i++)
		app_listen(APP, (uint16_t)(i % 20), (uint16_t)(i % 3 ? 0 : 2000 + i));
	app_listen(APP + 1, 3, 81);
	m = expect(APP + 1, MX_SK_LISTENING);
	assert_int_equal(m.body[1], 0);
	credit[APP] = 4096;
	run(0);
	while (pop_msg(APP, &m))
		assert_int_equal(m.kind, MX_SK_LISTENING);
}

/* One application cannot reach the connection of another. */
static void test_foreign_connection(void **state)
{
	uint32_t c = open_one(4014);

	(void)state;
	app_data(APP + 1, c, "evil", 4);
	app_say(APP + 1, MX_SK_ABORT, c, 0);
	app_say(APP + 1, MX_SK_CREDIT, 0xffffffff, 1);
	app_say(APP, MX_SK_DATA, c, 0); /* without a frame */
	assert_int_equal(peer_take(&peer), 0);
	assert_int_equal(frames_out(), 0);
}

static void test_many(void **state)
{
	static struct peer p;
	static uint32_t conns[1200];

	(void)state;
	for (uint32_t i = 0; i < 1200; i++) {
		peer_open(&p, (uint16_t)(10000 + i));
		conns[i] = mx_conn(&(struct mx_msg){.body = {expect(APP, MX_SK_ACCEPT).body[0]}});
		app_data(APP, conns[i], "hello", 5);
		assert_int_equal(peer_take(&p), 1);
		credit[APP] = credit[MX_STACK_ROUTER] = 4096;
	}
	assert_int_equal(frames_out(), 0);
	for (uint32_t i = 0; i < 1200; i++) {
		app_say(APP, MX_SK_ABORT, conns[i], 0);
		expect(APP, MX_SK_CLOSED);
		credit[APP] = credit[MX_STACK_ROUTER] = 4096;
	}
	peer_take(&p);
}

static void test_echo(void **state)
{
	uint8_t ping[28 + 1000] = {0x45, 0,  4, 4, 0, 1,  0, 0, 64, 1, 0,
	                           0,    10, 0, 0, 2, 10, 0, 0, 1,  8};
	uint8_t reply[2048];
	struct mx_packet packet;
	uint32_t frozen = 0;
	uint16_t sum;

	(void)state;
	sum = (uint16_t)~mx_fold(mx_sum(ping, 20, 0));
	memcpy(ping + 10, &sum, 2);
	sum = (uint16_t)~mx_fold(mx_sum(ping + 20, sizeof(ping) - 20, 0));
	memcpy(ping + 22, &sum, 2);
	send_packet(MX_IP, MX_STACK_ROUTER, 0, ping, sizeof(ping));
	assert_int_equal(pop_packet(MX_STACK_ROUTER, reply, &packet, &frozen), sizeof(ping));
	assert_int_equal(reply[20], 0);
	assert_int_equal(packet.port, 0);
	assert_memory_equal(reply + 12, ping + 16, 4);
}

/* The port without a router answers ARP by itself, for its second address too. */
static void test_arp(void **state)
{
	uint8_t ask[42] = {255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0,  9, 8, 6,
	                   0,   1,   8,   0,   6,   4,   0, 1, 2, 0, 0,  0, 0, 9,
	                   10,  1,   0,   2,   0,   0,   0, 0, 0, 0, 10, 1, 0, 1};
	uint8_t reply[2048];
	struct mx_packet packet;
	uint32_t frozen = 0;

	(void)state;
	for (uint8_t last = 1; last <= 5; last += 4) {
		ask[41] = last;
		send_packet(MX_RAW, MX_STACK_PORT + 1, 1, ask, sizeof(ask));
		assert_int_equal(pop_packet(MX_STACK_PORT + 1, reply, &packet, &frozen), 42);
		assert_int_equal(packet.port, 1);
		assert_int_equal(reply[21], 2);
		assert_memory_equal(reply + 28, ask + 38, 4);
		assert_memory_equal(reply + 22, "\x52\x54\0\0\0\x01", 6);
	}
}

/* An IP header that lwIP believes, around random bytes; sometimes with one of its bytes wrong. */
static uint32_t noise(uint8_t *ip)
{
	uint32_t length = 44 + (uint32_t)rand() % (rand() & 1 ? 60 : 1300);
	bool v6 = rand() & 1;
	uint8_t *tcp = ip + (v6 ? 40 : 20);
	uint16_t sum;

	for (uint32_t j = 0; j < 120; j++)
		ip[j] = (uint8_t)rand();
	if (v6) {
		memcpy(ip, "\x60\0\0\0", 4);
		ip[4] = (uint8_t)((length - 40) >> 8);
		ip[5] = (uint8_t)(length - 40);
		ip[6] = (uint8_t) "\x06\x3a\x11\x2c\x00\x3c"[rand() % 6];
		memcpy(ip + 24, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
	} else {
		memcpy(ip, "\x45\0", 2);
		ip[2] = (uint8_t)(length >> 8);
		ip[3] = (uint8_t)length;
		ip[9] = (uint8_t) "\x06\x01\x11\x06"[rand() % 4];
		memcpy(ip + 12, "\x0a\0\0\2\x0a\0\0\1", 8);
		if (rand() % 4)
			memset(ip + 6, 0, 2);
		memset(ip + 10, 0, 2);
	}
	memcpy(tcp, "\x0f\xaf\0\x50", 4); /* the open connection */
	if (rand() % 2) {
		tcp[4] = (uint8_t)(peer.seq >> 24);
		tcp[5] = (uint8_t)(peer.seq >> 16);
		tcp[6] = (uint8_t)(peer.seq >> 8);
		tcp[13] &= (uint8_t) ~(SYN | RST);
	}
	if (rand() % 8 == 0)
		ip[rand() % 60] = (uint8_t)rand();
	if (!v6) {
		memset(ip + 10, 0, 2);
		sum = (uint16_t)~mx_fold(mx_sum(ip, 20, 0));
		memcpy(ip + 10, &sum, 2);
	}
	return length;
}

/* Hostile packets: no report of a sanitizer, no frame lost. */
static void test_noise(void **state)
{
	static uint8_t packet[1600];
	uint32_t conn = 0;

	(void)state;
	srand(7);
	for (uint32_t i = 0; i < 100000; i++) {
		struct mx_msg m = {.kind = i % 5 ? MX_IP : MX_RAW};
		bool raw = m.kind == MX_RAW;

		if (i % 500 == 0) {
			app_say(APP, MX_SK_ABORT, conn, 0);
			pass(300 * MX_MS);
			drop_all();
			conn = open_one(4015);
		}
		m.length = (uint16_t)noise(packet);
		m.frame = take_frame();
		m.slot = raw ? MX_STACK_PORT + 1 : MX_STACK_ROUTER;
		m.offset = raw ? 0 : 26;
		memset(frame_data(m.frame), 0, 26);
		memcpy((uint8_t *)frame_data(m.frame) + 26, packet, m.length);
		if (raw) { /* a virtio header of one buffer, an Ethernet type that fits or not */
			((uint8_t *)frame_data(m.frame))[10] = 1;
			memcpy((uint8_t *)frame_data(m.frame) + 24,
			       &"\x08\0\x86\xdd\x08\x06\x81\0"[rand() % 4 * 2], 2);
			m.length = (uint16_t)(m.length + 26);
		} else { /* "the device vouches": no checksum hides the parsers */
			mx_packet(&m)->flags = MX_CSUM_VALID;
		}
		give(&m, 1);
		drop_all();
	}
	pass(30 * MX_S);
}

static void test_siphash(void **state)
{
	const uint64_t key[2] = {0x0706050403020100ull, 0x0f0e0d0c0b0a0908ull};

	(void)state;
	/* vectors 0 and 8 of the reference implementation */
	assert_true(siphash(key, NULL, 0) == 0x726fdb47dd0e0e31ull);
	assert_true(siphash(key, key, 1) == 0x93f5f5799a932462ull);
}

/* By an init that began anew: it is the same, however often, and nobody outside hears of it. */
static void test_told_again(void **state)
{
	struct mx_control route = {.op = MX_CTL_ROUTE, .family = 4, .prefix = 8, .addr = {20}};

	(void)state;
	for (uint32_t i = 0; i < 100; i++) { /* more than there is room for */
		set_port(0, "\x0a\0\0\x01", NULL);
		set_port(1, "\x0a\x01\0\x01", "\x0a\x01\0\x05");
		control(route);
		control((struct mx_control){.op = MX_CTL_GO});
	}
	assert_int_equal(outbox[MX_STACK_ROUTER].n, 0);
	assert_int_equal(outbox[MX_STACK_PORT + 1].n, 0);
	assert_int_equal(harness_logs, 0);
}

static int start(void **state)
{
	uint8_t data[2048];
	struct mx_packet packet;
	uint32_t frozen = 0, arps = 0, adverts = 0, length;

	(void)state;
	harness_start();
	set_port(0, "\x0a\0\0\x01", NULL);
	set_link(0, 1500, 0);
	set_port(1, "\x0a\x01\0\x01", "\x0a\x01\0\x05");
	set_link(1, 1500, 0);
	control((struct mx_control){.op = MX_CTL_GO});
	assert_int_equal(outbox[MX_STACK_ROUTER].n, 0); /* the router announces */
	while ((length = pop_packet(MX_STACK_PORT + 1, data, &packet, &frozen))) {
		arps += data[12] == 8 && data[13] == 6;
		adverts += data[12] == 0x86 && data[54] == 136;
	}
	assert_int_equal(arps, 2);
	assert_int_equal(adverts, 2); /* link-local and the configured one */
	return 0;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        CASE(test_told_again),
	        CASE(test_request_and_answer),
	        CASE(test_frozen),
	        CASE(test_partial_ack),
	        CASE(test_out_of_order),
	        CASE(test_no_credit),
	        CASE(test_slow_reader),
	        CASE(test_overrun),
	        CASE(test_reset_by_peer),
	        CASE(test_app_death),
	        CASE(test_router_full),
	        CASE(test_port_taken),
	        CASE(test_listeners_hoarded),
	        CASE(test_foreign_connection),
	        CASE(test_many),
	        CASE(test_echo),
	        CASE(test_arp),
	        CASE(test_noise),
	        CASE(test_siphash),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}

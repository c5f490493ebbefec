/*
 * Attacks on the stack that leave no flaw in a single packet: peers that vanish, that never finish,
 * that guess, and floods that ask for an answer each.
 */
#include <string.h>
#include "lwip/stats.h"
#include "tests/unit/stack_peer.h"

static struct peer peer;

static int begin(void **state)
{
	(void)state;
	app_listen(APP, 3, 80);
	drop_all();
	return 0;
}

static int finish(void **state)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .slot = APP, .kind = MX_EVENT_GONE};

	(void)state;
	give(&m, 1);
	pass(60 * MX_S);
	drop_all();
	assert_int_equal(lwip_stats.memp[MEMP_TCP_PCB]->used, 0);
	assert_int_equal(frames_out(), 0);
	return 0;
}

static uint32_t open_one(uint16_t port)
{
	struct mx_msg m;

	peer_open(&peer, port);
	assert_true(pop_msg(APP, &m));
	assert_int_equal(m.kind, MX_SK_ACCEPT);
	return mx_conn(&m);
}

static bool said(uint8_t kind, uint32_t value)
{
	struct mx_msg m;

	return pop_msg(APP, &m) && m.kind == kind && m.body[1] == value;
}

/* Nothing is sent and nothing comes, and yet the application learns that the peer is gone. */
static void test_vanished(void **state)
{
	(void)state;
	open_one(4001);
	pass(29 * MX_S);
	assert_int_equal(peer_take(&peer), 0);
	pass(33 * MX_S);
	assert_in_range(peer_take(&peer), 5, 8);
	assert_true(said(MX_SK_CLOSED, MX_CLOSED_TIMEOUT));
}

/* A stack that is kept busy runs each timer late, and still counts time as it goes by. */
static void test_vanished_busy(void **state)
{
	uint64_t began = clock_now;

	(void)state;
	open_one(4005);
	while (outbox[APP].n == 0 && clock_now - began < 200 * MX_S) {
		clock_now = (wake > clock_now ? wake : clock_now) + 25 * MX_MS;
		run(0);
		credit[MX_STACK_ROUTER] = 4096;
	}
	assert_true(said(MX_SK_CLOSED, MX_CLOSED_TIMEOUT));
	assert_in_range((clock_now - began) / MX_S, 59, 63);
}

/* Who answers may be silent for as long as he likes. */
static void test_silent(void **state)
{
	(void)state;
	open_one(4002);
	for (uint32_t i = 0; i < 20; i++) {
		pass(31 * MX_S);
		assert_int_not_equal(peer_take(&peer), 0);
		peer_send(&peer, ACK, peer.seq, NULL, 0);
	}
	assert_int_equal(outbox[APP].n, 0);
}

/* Peers that never close their half give way to the next one, with all pcbs used up. */
static void test_hoarded_ends(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < MEMP_NUM_TCP_PCB + 100; i++) {
		uint32_t c = open_one((uint16_t)(5000 + i));

		app_say(APP, MX_SK_CLOSE, c, 0);
		peer_take(&peer);
		assert_true(peer.flags & FIN);
		if (i % 2) /* some do not even acknowledge the FIN */
			peer_send(&peer, ACK, peer.seq, NULL, 0);
		drop_all();
	}
	assert_in_range(lwip_stats.memp[MEMP_TCP_PCB]->used, 2, MEMP_NUM_TCP_PCB);
}

/* Data in the window that acknowledges what was never sent (RFC 5961 5): refused, and told so. */
static void test_blind_data(void **state)
{
	static const int32_t wrong[] = {1, 1000, 1 << 30, INT32_MIN, -(1 << 30), -(9 << 20)};

	(void)state;
	open_one(4003);
	for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct peer blind = peer;

		blind.ack += (uint32_t)wrong[i];
		peer_send(&blind, ACK, peer.seq, "evil", 4);
		assert_int_equal(outbox[APP].n, 0);
		assert_int_equal(peer_take(&peer), 1);
		assert_int_equal(peer.flags, ACK);
		assert_int_equal(peer.sacked, peer.seq);
	}
	peer_send(&peer, ACK, peer.seq, "good", 4);
	peer.seq += 4;
	assert_int_equal(outbox[APP].n, 1);
}

/* A RST in the window, but not at its edge, and a SYN: answered, and the connection stays. */
static void test_blind_reset(void **state)
{
	(void)state;
	open_one(4004);
	peer_send(&peer, RST, peer.seq + 1000, NULL, 0);
	assert_int_equal(peer_take(&peer), 1);
	assert_int_equal(peer.flags, ACK);
	peer_send(&peer, SYN, peer.seq + 1000, NULL, 0);
	assert_int_equal(peer_take(&peer), 1);
	assert_int_equal(peer.flags, ACK);
	assert_int_equal(outbox[APP].n, 0);
	peer_send(&peer, RST, peer.seq, NULL, 0);
	assert_true(said(MX_SK_CLOSED, MX_CLOSED_RESET));
}

/* How many answers n copies of a packet get. */
static uint32_t answers(const uint8_t *ip, uint32_t length, uint32_t n)
{
	uint32_t count;

	for (uint32_t i = 0; i < n; i++)
		send_packet(MX_IP, MX_STACK_ROUTER, 0, ip, length);
	count = outbox[MX_STACK_ROUTER].n;
	drop_all();
	return count;
}

static void test_icmp_limit(void **state)
{
	static const uint8_t udp[28] = {0x45, 0, 0,  28, 0, 0, 0,  0, 64, 17, 0x66, 0xcf, 10, 0,
	                                0,    2, 10, 0,  0, 1, 16, 0, 16, 0,  0,    8,    0,  0};

	(void)state;
	pass(10 * MX_S);
	assert_int_equal(answers(udp, sizeof(udp), 500), 20);
	pass(MX_S / 10);
	assert_int_equal(answers(udp, sizeof(udp), 500), 10);
}

static void test_reset_limit(void **state)
{
	static const uint8_t tcp[40] = {
	        0x45, 0, 0,  40, 0, 0, 0, 0, 64, 6, 0x66, 0xce, 10,   0,  0, 2, 10,   0,    0, 1,
	        16,   0, 16, 0,  0, 0, 0, 1, 0,  0, 0,    1,    0x50, 16, 0, 0, 0x7b, 0xd0, 0, 0};

	(void)state;
	pass(10 * MX_S);
	assert_int_equal(answers(tcp, sizeof(tcp), 500), 50);
	pass(MX_S / 10);
	assert_int_equal(answers(tcp, sizeof(tcp), 500), 20);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        CASE(test_vanished),     CASE(test_vanished_busy), CASE(test_silent),
	        CASE(test_hoarded_ends), CASE(test_blind_data),    CASE(test_blind_reset),
	        CASE(test_icmp_limit),   CASE(test_reset_limit),
	};

	return cmocka_run_group_tests(tests, harness_port, NULL);
}

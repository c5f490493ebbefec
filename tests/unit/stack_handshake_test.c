/*
 * Handshakes under a flood of SYNs: beyond half of the backlog connections open by cookies, without
 * a pcb before the peer has shown that it is there, and nothing else opens one.
 */
#include <string.h>
#include "lwip/stats.h"
#include "stack/handshake.h"
#include "tests/unit/stack_peer.h"

#define HALF 128u /* of the backlog of 255, rounded up */

static struct peer peer;

static uint32_t pcbs(void)
{
	return lwip_stats.memp[MEMP_TCP_PCB]->used;
}

/* SYNs whose senders never speak again. */
static void flood(uint32_t n)
{
	struct peer ghost;

	memset(&ghost, 0, sizeof(ghost));
	for (uint32_t i = 0; i < n; i++) {
		ghost.port = (uint16_t)(20000 + i);
		peer_send(&ghost, SYN, 77 * i, NULL, 0);
	}
	drop_all();
}

static int begin(void **state)
{
	(void)state;
	app_listen(APP, 3, 80);
	drop_all();
	flood(HALF);
	assert_int_equal(pcbs(), HALF);
	return 0;
}

static int finish(void **state)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .slot = APP, .kind = MX_EVENT_GONE};

	(void)state;
	give(&m, 1);
	pass(60 * MX_S);
	drop_all();
	assert_int_equal(pcbs(), 0);
	assert_int_equal(frames_out(), 0);
	return 0;
}

static void expect(uint8_t kind)
{
	struct mx_msg m;

	assert_true(pop_msg(APP, &m));
	assert_int_equal(m.kind, kind);
	if (m.frame != MX_NOFRAME)
		drop_frame(m.frame);
}

/* The listener has all the state it takes: more SYNs leave none. */
static void test_no_state(void **state)
{
	uint64_t given = handshake_cookies;

	(void)state;
	flood(3000);
	assert_int_equal(pcbs(), HALF);
	assert_true(handshake_cookies - given >= 3000 - HALF); /* some repeat an earlier one */
}

/* A peer opens, is heard and answered, in both families. */
static void serve(void)
{
	struct mx_msg m;
	uint32_t c;

	assert_true(pop_msg(APP, &m));
	assert_int_equal(m.kind, MX_SK_ACCEPT);
	assert_int_equal(m.length, peer.port);
	c = mx_conn(&m);
	peer_send(&peer, ACK, peer.seq, "question", 8);
	peer.seq += 8;
	expect(MX_SK_DATA);
	app_data(APP, c, "answer", 6);
	peer_take(&peer);
	assert_int_equal(peer.length, 6);
	assert_memory_equal(peer.data, "answer", 6);
	assert_int_equal(peer.sacked, peer.seq);
	assert_false(peer.flags & RST);
	peer_send(&peer, ACK, peer.seq, NULL, 0);
	expect(MX_SK_SENT);
	assert_int_equal(pcbs(), HALF + 1);
	app_say(APP, MX_SK_CLOSE, c, 0);
	peer_take(&peer);
	peer_send(&peer, ACK | FIN, peer.seq++, NULL, 0);
	drop_all();
}

static void test_open(void **state)
{
	uint64_t redeemed = handshake_redeemed;

	(void)state;
	peer_open(&peer, 4001);
	serve();
	peer_open6(&peer, 4002);
	pass(10 * MX_S); /* the first one's TIME-WAIT */
	serve();
	assert_int_equal(handshake_redeemed - redeemed, 2);
}

/* With timestamps, which carry a part of the cookie and still never go back. */
static void test_stamps(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 40; i++) {
		memset(&peer, 0, sizeof(peer));
		peer.stamps = true;
		peer.port = (uint16_t)(4100 + i);
		peer_send(&peer, SYN, peer.seq++, NULL, 0);
		assert_int_equal(peer_take(&peer), 1);
		peer_send(&peer, ACK, peer.seq, NULL, 0);
		serve();
		pass(10 * MX_S + i * MX_MS); /* TIME-WAIT, and another phase of the clock */
		flood(2 * HALF);
	}
}

/* The acknowledgement was lost: what comes next, with data, opens the connection as well. */
static void test_open_by_data(void **state)
{
	(void)state;
	memset(&peer, 0, sizeof(peer));
	peer.port = 4003;
	peer_send(&peer, SYN, peer.seq++, NULL, 0);
	assert_int_equal(peer_take(&peer), 1);
	pass(30 * MX_S);
	flood(HALF); /* the half-open ones are forgotten by now */
	peer_send(&peer, ACK, peer.seq, "GET", 3);
	peer.seq += 3;
	expect(MX_SK_ACCEPT);
	expect(MX_SK_DATA);
	pass(MX_S); /* the acknowledgement may be delayed */
	peer_take(&peer);
	assert_int_equal(peer.sacked, peer.seq);
}

/* What nobody was given opens nothing: it is reset. */
static void test_forged(void **state)
{
	(void)state;
	memset(&peer, 0, sizeof(peer));
	peer.port = 4004;
	peer_send(&peer, SYN, peer.seq++, NULL, 0);
	assert_int_equal(peer_take(&peer), 1);
	for (uint32_t bit = 0; bit < 32; bit++) {
		struct peer forger = peer;

		forger.ack ^= 1u << bit;
		peer_send(&forger, ACK, forger.seq, "GET", 3);
		assert_int_equal(peer_take(&forger), 1);
		assert_true(forger.flags & RST);
		assert_int_equal(outbox[APP].n, 0);
	}
	peer.port++; /* another's cookie */
	peer_send(&peer, ACK, peer.seq, NULL, 0);
	assert_int_equal(peer_take(&peer), 1);
	assert_true(peer.flags & RST);
	assert_int_equal(pcbs(), HALF);
}

/* A cookie is good for one to two epochs of 64 s. */
static void test_old(void **state)
{
	(void)state;
	memset(&peer, 0, sizeof(peer));
	peer.port = 4006;
	peer_send(&peer, SYN, peer.seq++, NULL, 0);
	assert_int_equal(peer_take(&peer), 1);
	pass(128 * MX_S);
	flood(2 * HALF); /* cookies are being given out again */
	peer_send(&peer, ACK, peer.seq, NULL, 0);
	assert_int_equal(peer_take(&peer), 1);
	assert_true(peer.flags & RST);
	assert_int_equal(outbox[APP].n, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        CASE(test_no_state),     CASE(test_open),   CASE(test_stamps),
	        CASE(test_open_by_data), CASE(test_forged), CASE(test_old),
	};

	return cmocka_run_group_tests(tests, harness_port, NULL);
}

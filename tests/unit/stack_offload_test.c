/*
 * What the stack leaves to the port and takes from it: checksums, segmenting, super-frames. The
 * peer of the harness completes and segments naively, and then looks at every byte.
 */
#include <stdlib.h>
#include <string.h>
#include "tests/unit/stack_peer.h"

#define TSO (MX_TX_CSUM | MX_TX_TSO4 | MX_TX_TSO6)
#define MSS 1460u

static struct peer peer, other;

static uint32_t open_one(uint16_t port, bool ip6)
{
	struct mx_msg m;

	(ip6 ? peer_open6 : peer_open)(&peer, port);
	assert_true(pop_msg(APP, &m));
	assert_int_equal(m.kind, MX_SK_ACCEPT);
	return mx_conn(&m);
}

static int begin(void **state)
{
	(void)state;
	set_link(0, 1500, TSO);
	app_listen(APP, 3, 80);
	drain(APP);
	return 0;
}

static int finish(void **state)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .slot = APP, .kind = MX_EVENT_GONE};

	(void)state;
	give(&m, 1);
	pass(20 * MX_S);
	drop_all();
	assert_int_equal(frames_out(), 0);
	return 0;
}

/* n frames of the file from `first` on, in one event. */
static void send_frozen(uint32_t conn, uint32_t first, uint32_t n)
{
	struct mx_msg m[FROZEN];

	for (uint32_t i = 0; i < n; i++) {
		m[i] = (struct mx_msg){.frame = FRAMES + first + i,
		                       .length = MX_PAGE,
		                       .slot = APP,
		                       .kind = MX_SK_DATA};
		m[i].body[0] = conn;
	}
	give(m, n);
}

/* Takes and acknowledges until `length` bytes are there. */
static void take_all(uint32_t length)
{
	for (uint32_t i = 0; i < 1000 && peer.length < length; i++) {
		peer_take(&peer);
		peer_send(&peer, ACK, peer.seq, NULL, 0);
	}
	assert_int_equal(peer.length, length);
}

static const uint8_t *file(void)
{
	return frame_data(FRAMES);
}

/* A head from an owned frame, then the file; 0: all as lwIP made it. */
static void answer(uint16_t port, bool ip6, uint16_t features)
{
	char head[300];
	uint32_t c;

	set_link(0, 1500, features);
	c = open_one(port, ip6);
	memset(head, 'h', sizeof(head));
	app_data(APP, c, head, sizeof(head));
	send_frozen(c, 0, FROZEN - 1);
	app_say(APP, MX_SK_CLOSE, c, 0);
	take_all(sizeof(head) + (FROZEN - 1) * MX_PAGE);
	assert_memory_equal(peer.data, head, sizeof(head));
	assert_memory_equal(peer.data + sizeof(head), file(), (FROZEN - 1) * MX_PAGE);
	peer_send(&peer, ACK, peer.seq, NULL, 0);
	assert_true(peer.flags & FIN);
	drain(APP);
}

/* What is cut again is what lwIP would have sent, segment by segment. */
static void test_same_segments(void **state)
{
	(void)state;
	for (uint16_t ip6 = 0; ip6 < 2; ip6++) {
		answer(5000 + ip6, ip6, 0);
		assert_int_equal(peer.partial + peer.merged, 0);
		other = peer;
		answer(5010 + ip6, ip6, MX_TX_CSUM);
		assert_int_equal(peer.merged, 0);
		assert_true(peer.partial > 100);
		assert_int_equal(peer.sizes_n, other.sizes_n);
		assert_memory_equal(peer.sizes, other.sizes, peer.sizes_n * sizeof(uint32_t));
		answer(5020 + ip6, ip6, TSO);
		assert_true(peer.merged > 3);
		assert_true(peer.longest > 32 * 1024);
		assert_int_equal(peer.sizes_n, other.sizes_n);
		assert_memory_equal(peer.sizes, other.sizes, peer.sizes_n * sizeof(uint32_t));
	}
}

/* One family's TSO is not the other's. */
static void test_family(void **state)
{
	(void)state;
	answer(5030, true, MX_TX_CSUM | MX_TX_TSO4);
	assert_int_equal(peer.merged, 0);
	answer(5031, false, MX_TX_TSO4); /* not without a checksum */
	assert_int_equal(peer.merged + peer.partial, 0);
}

/* Frozen content: it is one entry, however many pages and segments it is in. */
static void test_uncopied(void **state)
{
	uint32_t c = open_one(5040, false);

	(void)state;
	send_frozen(c, 0, 8);
	take_all(8 * MX_PAGE);
	assert_true(peer.merged >= 2);
	assert_in_range(peer.frozen, 2, 4); /* one a packet; the tail is one, too */
}

/* Owned data is copied once, and its frames go home when it is acknowledged. */
static void test_owned(void **state)
{
	uint32_t c = open_one(5050, false);
	static uint8_t page[4000];

	(void)state;
	for (uint32_t i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)(i * 3);
	for (uint32_t i = 0; i < 30; i++)
		app_data(APP, c, page, sizeof(page));
	take_all(30 * sizeof(page));
	assert_true(peer.merged > 0);
	for (uint32_t i = 0; i < 30; i++)
		assert_memory_equal(peer.data + i * sizeof(page), page, sizeof(page));
	assert_int_equal(frames_out(), 0);
}

/* Credit for a part only: what is refused comes again, in order and whole. */
static void test_short_credit(void **state)
{
	uint32_t c = open_one(5060, false);

	(void)state;
	send_frozen(c, 0, 48);
	for (uint32_t i = 0; i < 2000 && peer.length < 48 * MX_PAGE; i++) {
		credit[MX_STACK_ROUTER] = i % 7;
		peer_send(&peer, ACK, peer.seq, NULL, 0);
		pass(10 * MX_MS);
		peer_take(&peer);
	}
	assert_int_equal(peer.length, 48 * MX_PAGE);
	assert_memory_equal(peer.data, file(), 48 * MX_PAGE);
	assert_true(peer.merged > 0);
}

/* Two connections in turns: nothing of one gets into the other's packets. */
static void test_interleaved(void **state)
{
	uint32_t a, b;

	(void)state;
	a = open_one(5070, false);
	other = peer;
	b = open_one(5071, false);
	for (uint32_t i = 0; i < 6; i++) {
		struct mx_msg m[2] = {{.frame = FRAMES + i, .length = MX_PAGE, .slot = APP},
		                      {.frame = FRAMES + 20 + i, .length = MX_PAGE, .slot = APP}};

		m[0].kind = m[1].kind = MX_SK_DATA;
		m[0].body[0] = a;
		m[1].body[0] = b;
		give(m, 2);
	}
	assert_true(outbox[MX_STACK_ROUTER].n > 4);
	take_all(6 * MX_PAGE); /* the other's packets are lost on the way, and resent */
	assert_memory_equal(peer.data, file() + 20 * MX_PAGE, 6 * MX_PAGE);
	peer = other;
	pass(5 * MX_S);
	take_all(6 * MX_PAGE);
	assert_memory_equal(peer.data, file(), 6 * MX_PAGE);
}

/* A path that needs fragments: from then on the stack computes by itself. */
static void test_fragments(void **state)
{
	uint32_t c = open_one(5080, false);
	struct mx_packet facts;
	static uint8_t data[65536];
	uint32_t length, frozen = 0;

	(void)state;
	set_link(0, 1000, MX_TX_CSUM);
	send_frozen(c, 0, 1);
	while ((length = pop_packet(MX_STACK_ROUTER, data, &facts, &frozen)))
		assert_true(length <= 1000);
	pass(5 * MX_S); /* resent, and complete */
	assert_true(pop_packet(MX_STACK_ROUTER, data, &facts, &frozen) > 500);
	assert_int_equal(facts.flags, 0);
	assert_int_not_equal(data[36] | data[37], 0);
}

/* Received: 64 KiB in 17 frames, as a local host sends it. */
static void receive_super(uint16_t port, bool ip6)
{
	static uint8_t data[62000];
	uint32_t c = open_one(port, ip6), at = 0, frames = 0, head = ip6 ? 40 : 20;
	struct mx_msg m;

	for (uint32_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 13 + i / 509);
	peer.facts = (struct mx_packet){.flags = MX_CSUM_PARTIAL,
	                                .gso = ip6 ? MX_GSO_TCP6 : MX_GSO_TCP4,
	                                .gso_size = 1448,
	                                .hdr_len = (uint16_t)(head + 20),
	                                .csum_start = (uint16_t)head,
	                                .csum_offset = 16};
	peer_send(&peer, ACK, peer.seq, data, sizeof(data));
	peer.seq += (uint32_t)sizeof(data);
	assert_int_equal(peer_take(&peer), 1); /* at once, not by the timer */
	assert_int_equal(peer.sacked, peer.seq);
	while (pop_msg(APP, &m)) {
		assert_int_equal(m.kind, MX_SK_DATA);
		assert_memory_equal((uint8_t *)frame_data(m.frame) + m.offset, data + at, m.length);
		at += m.length;
		frames++;
		drop_frame(m.frame);
	}
	assert_int_equal(at, sizeof(data));
	assert_int_equal(frames, 16);
	app_say(APP, MX_SK_CREDIT, c, at);
	peer_take(&peer);
	assert_true(peer.window << 3 > 200000); /* TCP_RCV_SCALE */
}

static void test_receive_super(void **state)
{
	(void)state;
	receive_super(5090, false);
	receive_super(5091, true);
}

/* Out of order and trimmed by the window: super-frames all the same. */
static void test_receive_unordered(void **state)
{
	static uint8_t data[60000];
	uint32_t got = 0, start;
	struct mx_msg m;

	(void)state;
	open_one(5100, false);
	peer.facts = (struct mx_packet){.flags = MX_CSUM_PARTIAL,
	                                .gso = MX_GSO_TCP4,
	                                .gso_size = 1448,
	                                .csum_start = 20,
	                                .csum_offset = 16};
	start = peer.seq;
	for (uint32_t i = 6; i-- > 0;) /* 360000 bytes, more than the window */
		peer_send(&peer, ACK, start + i * (uint32_t)sizeof(data), data, sizeof(data));
	for (uint32_t turn = 0; turn < 100; turn++) {
		run(0);
		while (pop_msg(APP, &m)) {
			got += m.length;
			drop_frame(m.frame);
		}
	}
	assert_in_range(got, sizeof(data), 256 * 1024);
	peer_take(&peer);
	assert_int_equal(peer.sacked, start + got);
}

/*
 * Segments that lwIP would end the domain over: out of order and beyond the window; a FIN before
 * data that fills the window.
 */
static void test_beyond_window(void **state)
{
	static const uint8_t data[60000];
	uint32_t start;

	(void)state;
	open_one(5130, false);
	start = peer.seq;
	peer_send(&peer, ACK, start + 256 * 1024 - 1, data, 1000);
	for (uint32_t at = 0; at < 256 * 1024; at += 1024)
		peer_send(&peer, ACK, start + at, data, 1024);
	peer_take(&peer);
	assert_int_equal(peer.sacked, start + 256 * 1024);
	assert_int_equal(peer.window, 0);
	drain(APP);

	open_one(5131, false);
	start = peer.seq;
	peer_send(&peer, ACK | FIN, start + 210 * 1024, data, 1000);
	for (uint32_t at = 0; at < 200 * 1024; at += 1024)
		peer_send(&peer, ACK, start + at, data, 1024);
	peer_send(&peer, ACK, start + 200 * 1024, data, 56 * 1024);
	peer_take(&peer);
	assert_int_equal(peer.sacked, start + 200 * 1024);
}

/* A segment with a wrong checksum: taken only when the device vouches for it, or left it partial.
 */
static bool taken(uint8_t flags, bool fragment)
{
	uint8_t ip[1000] = {0x45, 0, 0, 50};
	struct mx_packet facts = {
	        .flags = flags, .csum_start = 20, .csum_offset = 16, .length = 50};
	struct mx_msg m;
	uint16_t sum;
	bool got;

	ip[6] = fragment ? 0x20 : 0;
	ip[8] = 64;
	ip[9] = 6;
	memcpy(ip + 12, "\x0a\0\0\2\x0a\0\0\1", 8);
	sum = (uint16_t)~mx_fold(mx_sum(ip, 20, 0));
	memcpy(ip + 10, &sum, 2);
	ip[20] = (uint8_t)(peer.port >> 8);
	ip[21] = (uint8_t)peer.port;
	ip[23] = 80;
	for (uint32_t i = 0; i < 4; i++) {
		ip[24 + i] = (uint8_t)(peer.seq >> (24 - 8 * i));
		ip[28 + i] = (uint8_t)(peer.ack >> (24 - 8 * i));
	}
	ip[32] = 0x50;
	ip[33] = ACK;
	ip[34] = 0xff;
	send_facts(facts, ip, 50);
	got = pop_msg(APP, &m);
	if (got) {
		assert_int_equal(m.kind, MX_SK_DATA);
		assert_int_equal(m.length, 10);
		peer.seq += 10;
		drop_frame(m.frame);
	}
	return got;
}

static void test_vouched(void **state)
{
	(void)state;
	open_one(5110, false);
	assert_false(taken(0, false));
	assert_true(taken(MX_CSUM_VALID, false));
	assert_true(taken(MX_CSUM_PARTIAL, false));
	assert_false(taken(MX_CSUM_PARTIAL | MX_CSUM_VALID, true));
	assert_false(taken(0, false)); /* the next one is looked at again */
}

/* An echo request with a wrong checksum is not answered, whatever the device says. */
static void test_vouched_echo(void **state)
{
	uint8_t ip[40] = {0x45, 0, 0, 40, 0, 0, 0, 0, 64, 1, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1, 8};
	struct mx_packet facts = {.flags = MX_CSUM_VALID, .length = sizeof(ip)};
	uint16_t sum = (uint16_t)~mx_fold(mx_sum(ip, 20, 0));
	uint32_t frozen = 0;

	(void)state;
	memcpy(ip + 10, &sum, 2);
	send_facts(facts, ip, sizeof(ip));
	assert_int_equal(outbox[MX_STACK_ROUTER].n, 0);
	facts.flags = MX_CSUM_PARTIAL; /* completed, and answered */
	facts.csum_start = 20;
	facts.csum_offset = 2;
	send_facts(facts, ip, sizeof(ip));
	assert_int_equal(pop_packet(MX_STACK_ROUTER, ip, &facts, &frozen), 40);
	assert_int_equal(ip[20], 0);
}

/* Facts that cannot be: the packet is dropped, its frames go home. */
static void test_hostile_facts(void **state)
{
	static const struct mx_packet hostile[] = {
	        {.flags = MX_CSUM_PARTIAL, .csum_start = 60000, .csum_offset = 16},
	        {.flags = MX_CSUM_PARTIAL, .csum_start = 0xffff, .csum_offset = 0xffff},
	        {.flags = MX_CSUM_PARTIAL, .csum_start = 9039, .csum_offset = 0},
	        {.gso = MX_GSO_TCP4, .gso_size = 1448},
	        {.flags = MX_CSUM_PARTIAL, .gso = MX_GSO_TCP4},
	        {.flags = MX_CSUM_PARTIAL, .gso = 2, .gso_size = 1448},
	        {.flags = MX_CSUM_PARTIAL, .gso = 0xff, .gso_size = 1448},
	        {.flags = MX_CSUM_PARTIAL, .gso = MX_GSO_TCP4, .gso_size = 9, .hdr_len = 9999},
	};
	static const uint8_t data[9000];

	(void)state;
	open_one(5120, false);
	for (uint32_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		peer.facts = hostile[i];
		peer_send(&peer, ACK, peer.seq, data, sizeof(data));
		assert_int_equal(outbox[APP].n, 0);
		assert_int_equal(frames_out(), 0);
	}
	send_facts((struct mx_packet){.length = 50}, data, 60);
	assert_int_equal(frames_out(), 0);
}

/* Everything that is on its way is lost; the file's first pages were. */
static void lose_all(uint16_t port)
{
	uint32_t c = open_one(port, false);

	send_frozen(c, 0, 48);
	assert_true(outbox[MX_STACK_ROUTER].n > 0);
	drain(MX_STACK_ROUTER);
}

/* RFC 5681 3.2: three duplicates bring one packet, however large the segment was. */
static void test_fast_resend(void **state)
{
	(void)state;
	lose_all(5140);
	for (uint32_t i = 0; i < 2; i++)
		peer_send(&peer, ACK, peer.seq, NULL, 0);
	assert_int_equal(peer_take(&peer), 0);
	peer_send(&peer, ACK, peer.seq, NULL, 0);
	peer_take(&peer);
	assert_int_equal(peer.length, MSS);
	/* Acknowledged in the middle of a segment, and lost again: the next packet, not the first.
	 */
	for (uint32_t i = 0; i < 4; i++)
		peer_send(&peer, ACK, peer.seq, NULL, 0);
	peer_take(&peer);
	assert_int_equal(peer.length, 2 * MSS);
	for (uint32_t i = 0; i < 3000 && peer.length < 48 * MX_PAGE; i++) {
		pass(10 * MX_MS);
		peer_take(&peer);
		peer_send(&peer, ACK, peer.seq, NULL, 0);
	}
	assert_int_equal(peer.length, 48 * MX_PAGE);
	assert_memory_equal(peer.data, file(), 48 * MX_PAGE);
}

/* RFC 5681 3.1: one packet after a time-out, then two. */
static void test_timeout(void **state)
{
	(void)state;
	lose_all(5150);
	for (uint32_t i = 0; i < 250 && !peer.length;
	     i++) { /* with lwIP's tick, not with the next poll */
		pass(10 * MX_MS);
		peer_take(&peer);
	}
	assert_int_equal(peer.length, MSS);
	peer_send(&peer, ACK, peer.seq, NULL, 0);
	peer_take(&peer);
	assert_int_equal(peer.length, 3 * MSS);
	take_all(48 * MX_PAGE);
	assert_memory_equal(peer.data, file(), 48 * MX_PAGE);
}

/* What was copied into TCP is cut as well: odd pieces of owned and frozen data, in turns. */
static void test_resend_mixed(void **state)
{
	uint32_t c = open_one(5160, false), length = 0;
	static uint8_t all[64 * 1024];
	uint8_t small[500];

	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		memset(small, (int)('a' + i), sizeof(small));
		memcpy(all + length, small, sizeof(small) - i);
		app_data(APP, c, small, (uint32_t)sizeof(small) - i);
		length += (uint32_t)sizeof(small) - i;
		memcpy(all + length, file() + i * MX_PAGE, MX_PAGE);
		send_frozen(c, i, 1);
		length += MX_PAGE;
	}
	for (uint32_t i = 0; i < 3000 && peer.length < length; i++) {
		if (i % 3 == 0)
			drain(MX_STACK_ROUTER);
		peer_take(&peer);
		peer_send(&peer, ACK, peer.seq, NULL, 0);
		pass(20 * MX_MS);
	}
	assert_int_equal(peer.length, length);
	assert_memory_equal(peer.data, all, length);
	assert_int_equal(frames_out(), outbox[MX_STACK_ROUTER].n);
}

/* More small pieces than a chain has entries: they are copied. */
static void test_many_pieces(void **state)
{
	uint32_t c = open_one(5170, false);
	struct mx_msg m[30];

	(void)state;
	for (uint32_t i = 0; i < 30; i++) {
		m[i] = (struct mx_msg){
		        .frame = FRAMES + 2 * i, .length = 300, .slot = APP, .kind = MX_SK_DATA};
		m[i].body[0] = c;
	}
	give(m, 30);
	take_all(30 * 300);
	for (uint32_t i = 0; i < 30; i++)
		assert_memory_equal(peer.data + i * 300, file() + 2 * i * MX_PAGE, 300);
}

/* The MTU is lowered under a connection: its packets are cut to it, and stay whole. */
static void test_lower_mtu(void **state)
{
	uint32_t c = open_one(5180, false);

	(void)state;
	set_link(0, 1000, TSO);
	send_frozen(c, 0, 8);
	take_all(8 * MX_PAGE);
	assert_memory_equal(peer.data, file(), 8 * MX_PAGE);
	assert_true(peer.merged > 0);
	assert_int_equal(peer.sizes[0], 960);
}

/* The port loses its offloads while large segments wait: what is resent is cut to packets. */
static void test_offload_lost(void **state)
{
	(void)state;
	lose_all(5190);
	set_link(0, 1500, 0);
	peer.merged = 0;
	for (uint32_t i = 0; i < 3000 && peer.length < 48 * MX_PAGE; i++) {
		pass(10 * MX_MS);
		peer_take(&peer);
		peer_send(&peer, ACK, peer.seq, NULL, 0);
	}
	assert_int_equal(peer.merged, 0);
	assert_int_equal(peer.length, 48 * MX_PAGE);
	assert_memory_equal(peer.data, file(), 48 * MX_PAGE);
}

static int start(void **state)
{
	(void)state;
	harness_start();
	set_port(0, "\x0a\0\0\x01", NULL);
	control((struct mx_control){.op = MX_CTL_GO});
	return 0;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        CASE(test_same_segments), CASE(test_family),
	        CASE(test_fast_resend),   CASE(test_timeout),
	        CASE(test_resend_mixed),  CASE(test_many_pieces),
	        CASE(test_lower_mtu),     CASE(test_offload_lost),
	        CASE(test_uncopied),      CASE(test_owned),
	        CASE(test_short_credit),  CASE(test_interleaved),
	        CASE(test_receive_super), CASE(test_receive_unordered),
	        CASE(test_beyond_window), CASE(test_vouched),
	        CASE(test_vouched_echo),  CASE(test_hostile_facts),
	        CASE(test_fragments), /* the last: it ends offloads on the
	                                 port */
	};

	return cmocka_run_group_tests(tests, start, NULL);
}

/*
 * The driver's two directions against a device side and a small machine: nothing is lost,
 * nothing sleeps that should not, and every frame comes home.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <moxie/packet.h>
#include <moxie/slots.h>
#include "drivers/net/receive.h"
#include "drivers/net/transmit.h"
#include "tests/unit/frames.h"
#include "tests/unit/virtio_side.h"

static struct receiver rx;
static struct transmitter tx;
static struct virtio_net_hdr_v1 headers[32];
static struct side side;

static int setup(void **state)
{
	(void)state;
	frames_reset();
	memset(&rx, 0, sizeof(rx));
	memset(&tx, 0, sizeof(tx));
	memset(headers, 0x55, sizeof(headers));
	rx.port = 5;
	tx.headers = headers;
	tx.headers_bus = 0x9000;
	return 0;
}

static int setup_rx(void **state)
{
	setup(state);
	side_init(&side, &rx.q, 32, true);
	return 0;
}

static int setup_tx(void **state)
{
	setup(state);
	side_init(&side, &tx.q, 32, true);
	return 0;
}

/* --- receiving --- */

static void turn(bool open)
{
	frames_again = frames_thirst = 0;
	frames_wake = 0;
	receive_turn(&rx, open);
}

static void test_receive(void **state)
{
	int id;

	(void)state;
	turn(false);
	assert_int_equal(frames_out(), 32);
	id = side_take(&side);
	assert_int_equal(rx.q.desc[id].len, MX_PAGE);
	assert_int_equal(rx.q.desc[id].flags, VRING_DESC_F_WRITE);
	assert_int_equal(rx.q.desc[id].addr, FRAME_BUS + 4096ull * rx.q.slots[id].frame);
	side_use(&side, (uint32_t)id, 72);
	turn(true);
	assert_int_equal(frames_sent_n, 1);
	assert_int_equal(frames_sent[0].kind, MX_RAW);
	assert_int_equal(frames_sent[0].slot, MX_DRIVER_PEER);
	assert_int_equal(frames_sent[0].offset, 0);
	assert_int_equal(frames_sent[0].length, 72);
	assert_int_equal(frames_sent[0].body[0], 5);
	assert_true(frames_again > 0);
	assert_int_equal(rx.q.chains, 32); /* replaced at once */
	assert_int_equal(frames_out(), 33);
}

/* After empty turns the interrupt is armed once, and polling ends. */
static void test_poll_then_arm(void **state)
{
	uint32_t turns = 0;

	(void)state;
	turn(true);
	do
		turn(true);
	while (frames_again && ++turns < 10);
	assert_true(turns < 10);
	assert_true(rx.armed);
	side_use(&side, (uint32_t)side_take(&side), 60);
	assert_true(side_interrupts(&side));
	turn(true);
	assert_false(rx.armed);
}

/* Without credit nothing is taken, nothing polls, and thirst is announced. */
static void test_starved(void **state)
{
	(void)state;
	turn(true);
	for (uint32_t i = 0; i < 5; i++)
		side_use(&side, (uint32_t)side_take(&side), 60 + i);
	frames_credit = 2;
	turn(true);
	assert_int_equal(frames_sent_n, 2);
	turn(true);
	assert_int_equal(frames_sent_n, 2);
	assert_int_equal(frames_again, 0);
	assert_true(frames_thirst > 0);
	frames_credit = 100;
	turn(true);
	assert_int_equal(frames_sent_n, 5);
	assert_int_equal(frames_sent[4].length, 64); /* in order */
}

/* What a change of readers discards is what the interrupt was armed for: it is armed anew. */
static void test_armed_after_discard(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		turn(true);
	assert_true(rx.armed);
	side_use(&side, (uint32_t)side_take(&side), 60);
	receive_discard(&rx);
	for (uint32_t i = 0; i < 4; i++)
		turn(true);
	side.signalled = side.used_idx;
	side_use(&side, (uint32_t)side_take(&side), 60);
	assert_true(side_interrupts(&side));
	assert_int_equal(rx.stale, 1);
}

/* Likewise after a turn that credit cut short. */
static void test_armed_after_starving(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		turn(true);
	assert_true(rx.armed);
	for (uint32_t i = 0; i < 3; i++)
		side_use(&side, (uint32_t)side_take(&side), 60);
	frames_credit = 1;
	turn(true);
	receive_discard(&rx);
	assert_int_equal(rx.stale, 2);
	frames_credit = 100;
	for (uint32_t i = 0; i < 4; i++)
		turn(true);
	side.signalled = side.used_idx;
	side_use(&side, (uint32_t)side_take(&side), 60);
	assert_true(side_interrupts(&side));
	assert_int_equal(frames_out(), 32 + 1);
}

static void test_bad_lengths(void **state)
{
	(void)state;
	turn(true);
	side_use(&side, (uint32_t)side_take(&side), 0);
	side_use(&side, (uint32_t)side_take(&side), 4097);
	side_use(&side, (uint32_t)side_take(&side), 0xffffffff);
	side_use(&side, 77, 60);
	side_use(&side, (uint32_t)side_take(&side), 4096);
	turn(true);
	assert_int_equal(frames_sent_n, 4);
	assert_int_equal(frames_sent[0].length, 0);
	assert_int_equal(frames_sent[2].length, 0);
	assert_int_equal(frames_sent[3].length, 4096);
	assert_int_equal(rx.q.bad, 4);
}

/* An empty pool: the ring runs down, is looked at again, and fills when there are frames. */
static void test_empty_pool(void **state)
{
	uint32_t held[FRAMES], n = 0;

	(void)state;
	for (; n < FRAMES - 10; n++)
		held[n] = mx_alloc();
	turn(true);
	assert_int_equal(rx.q.chains, 10);
	assert_true(frames_again > 0);
	turn(true);
	assert_true(frames_wake != 0);
	while (n > 0)
		mx_free(held[--n]);
	turn(true);
	assert_int_equal(rx.q.chains, 32);
}

/* --- sending --- */

static struct mx_msg packet(uint16_t length)
{
	struct mx_msg m = {.frame = mx_alloc(), .offset = 12, .length = length, .kind = MX_ETHER};

	mx_packet(&m)->length = length;
	return m;
}

static void send(uint32_t n, uint16_t length)
{
	struct mx_msg chain[MX_CHAIN_MAX];

	for (uint32_t i = 0; i < n; i++) {
		chain[i] = packet(length);
		chain[i].flags = i + 1 < n ? MX_MORE : 0;
	}
	mx_packet(&chain[0])->length = n * length;
	transmit(&tx, chain, n);
}

static void test_transmit(void **state)
{
	static const uint8_t zero[12];
	int id;

	(void)state;
	send(2, 1000);
	transmit_wait(&tx);
	assert_true(side_was_kicked(&side));
	assert_true(frames_wake != 0);
	id = side_take(&side);
	assert_int_equal(tx.q.desc[id].addr, 0x9000 + 12 * id);
	assert_int_equal(tx.q.desc[id].len, 12);
	assert_memory_equal(&headers[id], zero, 12);
	assert_int_equal(tx.q.desc[tx.q.desc[id].next].addr, FRAME_BUS + 12);
	assert_int_equal(tx.q.desc[tx.q.desc[id].next].len, 1000);
	side_use(&side, (uint32_t)id, 0);
	transmit_reclaim(&tx);
	assert_int_equal(frames_out(), 0);
	assert_int_equal(tx.packets, 1);
	frames_wake = 0;
	transmit_wait(&tx);
	assert_int_equal(frames_wake, 0); /* nothing is out: no sweep */
}

/* 10 packets of 3 descriptors fill the ring; then the queue; then drops. In order. */
static void test_full(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 12 + MX_DRIVER_PARKED / 2; i++)
		send(2, (uint16_t)(100 + i));
	assert_int_equal(tx.packets, 10);
	assert_int_equal(tx.waiting, MX_DRIVER_PARKED);
	assert_int_equal(tx.full, 2);
	assert_int_equal(frames_out(), 20 + MX_DRIVER_PARKED);
	transmit_wait(&tx);
	assert_true(side.used_idx == 0);
	for (uint32_t i = 0; i < 10 + MX_DRIVER_PARKED / 2; i++) {
		int id = side_take(&side);

		assert_true(id >= 0);
		assert_int_equal(tx.q.desc[tx.q.desc[id].next].len, 100 + i);
		side_use(&side, (uint32_t)id, 0);
		transmit_reclaim(&tx);
		queue_kick(&tx.q);
	}
	assert_int_equal(tx.waiting, 0);
	assert_int_equal(tx.packets, 10 + MX_DRIVER_PARKED / 2);
	assert_int_equal(frames_out(), 0);
}

/* A packet that would fit does not overtake one that waits for room. */
static void test_order(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 15; i++)
		send(1, 100);
	send(2, 200);
	send(1, 300);
	assert_int_equal(tx.q.free_n, 2);
	assert_int_equal(tx.waiting, 3);
}

/* With room short the device interrupts at three quarters of what is out, not before. */
static void test_completion_interrupt(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 16; i++)
		send(1, 100);
	transmit_wait(&tx);
	for (uint32_t i = 0; i < 12; i++)
		side_use(&side, (uint32_t)side_take(&side), 0);
	assert_false(side_interrupts(&side));
	side_use(&side, (uint32_t)side_take(&side), 0);
	assert_true(side_interrupts(&side));
	transmit_reclaim(&tx);
	frames_again = 0;
	transmit_wait(&tx);
	assert_int_equal(frames_again, 0);
	for (uint32_t i = 0; i < 3; i++)
		side_use(&side, (uint32_t)side_take(&side), 0);
	assert_false(side_interrupts(&side)); /* room enough: the sweep will do */
	transmit_reclaim(&tx);
	assert_int_equal(frames_out(), 0);
}

static void test_forget(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 20; i++)
		send(1, 100);
	assert_int_equal(tx.waiting, 4);
	transmit_forget(&tx);
	assert_int_equal(tx.waiting, 0);
	assert_int_equal(frames_out(), 16);
}

static void test_frozen(void **state)
{
	struct mx_msg chain[2] = {packet(54), {.frame = FROZEN, .length = 4096, .kind = MX_ETHER}};

	(void)state;
	chain[0].flags = MX_MORE;
	mx_packet(chain)->length = 54 + 4096;
	transmit(&tx, chain, 2);
	queue_kick(&tx.q);
	side_use(&side, (uint32_t)side_take(&side), 0);
	transmit_reclaim(&tx);
	assert_int_equal(tx.packets, 1);
	assert_int_equal(frames_out(), 0);
}

static void refuse(struct mx_msg m)
{
	uint64_t bad = tx.bad;

	transmit(&tx, &m, 1);
	assert_int_equal(tx.bad, bad + 1);
	assert_int_equal(tx.q.chains, 0);
	assert_int_equal(frames_out(), 0);
}

static void test_refused(void **state)
{
	struct mx_msg m, chain[MX_CHAIN_MAX + 1];

	(void)state;
	refuse(packet(13));
	refuse((struct mx_msg){.frame = MX_NOFRAME, .kind = MX_ETHER});
	refuse((struct mx_msg){.frame = FRAMES + 9, .length = 60, .kind = MX_ETHER});
	m = packet(60);
	m.kind = MX_IP;
	refuse(m);
	m = packet(60);
	mx_packet(&m)->length = 61;
	refuse(m);
	m = packet(60);
	m.offset = 4040;
	refuse(m);
	for (uint32_t i = 0; i <= MX_CHAIN_MAX; i++)
		chain[i] = packet(60);
	mx_packet(chain)->length = 60 * (MX_CHAIN_MAX + 1);
	transmit(&tx, chain, MX_CHAIN_MAX + 1);
	assert_int_equal(frames_out(), 0);
	assert_int_equal(tx.packets, 0);
}

/* Offload facts reach the header only when their feature was negotiated. */
static void test_offload(void **state)
{
	struct mx_packet facts = {.flags = MX_CSUM_PARTIAL | MX_CSUM_VALID,
	                          .gso = MX_GSO_TCP4,
	                          .gso_size = 1448,
	                          .hdr_len = 54,
	                          .csum_start = 34,
	                          .csum_offset = 16,
	                          .length = 3000};
	struct mx_msg m = packet(3000);

	(void)state;
	memcpy(m.body, &facts, sizeof(facts));
	refuse(m);
	tx.features = MX_TX_CSUM | MX_TX_TSO6;
	m.frame = mx_alloc();
	refuse(m);
	tx.features = MX_TX_CSUM | MX_TX_TSO4;
	mx_packet(&m)->csum_start = 2999;
	m.frame = mx_alloc();
	refuse(m);
	mx_packet(&m)->csum_start = 34;
	mx_packet(&m)->gso = MX_GSO_TCP4 | MX_GSO_ECN;
	m.frame = mx_alloc();
	refuse(m);
	mx_packet(&m)->gso = MX_GSO_TCP4;
	m.frame = mx_alloc();
	transmit(&tx, &m, 1);
	assert_int_equal(headers[0].flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	assert_int_equal(headers[0].gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
	assert_int_equal(headers[0].gso_size, 1448);
	assert_int_equal(headers[0].csum_offset, 16);
	assert_int_equal(headers[0].num_buffers, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_receive, setup_rx),
	        cmocka_unit_test_setup(test_poll_then_arm, setup_rx),
	        cmocka_unit_test_setup(test_starved, setup_rx),
	        cmocka_unit_test_setup(test_armed_after_discard, setup_rx),
	        cmocka_unit_test_setup(test_armed_after_starving, setup_rx),
	        cmocka_unit_test_setup(test_bad_lengths, setup_rx),
	        cmocka_unit_test_setup(test_empty_pool, setup_rx),
	        cmocka_unit_test_setup(test_transmit, setup_tx),
	        cmocka_unit_test_setup(test_full, setup_tx),
	        cmocka_unit_test_setup(test_order, setup_tx),
	        cmocka_unit_test_setup(test_completion_interrupt, setup_tx),
	        cmocka_unit_test_setup(test_forget, setup_tx),
	        cmocka_unit_test_setup(test_frozen, setup_tx),
	        cmocka_unit_test_setup(test_refused, setup_tx),
	        cmocka_unit_test_setup(test_offload, setup_tx),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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
#include "drivers/net/virtio/receive.h"
#include "drivers/net/virtio/transmit.h"
#include "tests/unit/frames.h"
#include "tests/unit/virtio_side.h"

static struct receiver rx;
static struct transmitter tx;
static struct side side;

static int setup(void **state)
{
	(void)state;
	frames_reset();
	memset(&rx, 0, sizeof(rx));
	memset(&tx, 0, sizeof(tx));
	rx.port = 5;
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
	return (struct mx_msg){.frame = mx_alloc(), .offset = 8, .length = length, .kind = MX_RAW};
}

static void send(uint32_t n, uint16_t length)
{
	struct mx_msg chain[MX_CHAIN_MAX];

	for (uint32_t i = 0; i < n; i++) {
		chain[i] = packet(length);
		chain[i].flags = i + 1 < n ? MX_MORE : 0;
	}
	transmit(&tx, chain, n);
}

static void test_transmit(void **state)
{
	int id;

	(void)state;
	send(2, 1000);
	transmit_wait(&tx);
	assert_true(side_was_kicked(&side));
	assert_true(frames_wake != 0);
	id = side_take(&side);
	assert_int_equal(tx.q.desc[id].addr, FRAME_BUS + 4096ull * tx.q.slots[id].frame + 8);
	assert_int_equal(tx.q.desc[id].len, 1000);
	assert_int_equal(tx.q.desc[id].flags, VRING_DESC_F_NEXT);
	assert_int_equal(tx.q.desc[tx.q.desc[id].next].len, 1000);
	assert_int_equal(tx.q.desc[tx.q.desc[id].next].flags, 0);
	side_use(&side, (uint32_t)id, 0);
	transmit_reclaim(&tx);
	assert_int_equal(frames_out(), 0);
	assert_int_equal(tx.packets, 1);
	frames_wake = 0;
	transmit_wait(&tx);
	assert_int_equal(frames_wake, 0); /* nothing is out: no sweep */
}

/* 16 packets of 2 descriptors fill the ring; then the queue; then drops. In order. */
static void test_full(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 18 + MX_DRIVER_PARKED / 2; i++)
		send(2, (uint16_t)(100 + i));
	assert_int_equal(tx.packets, 16);
	assert_int_equal(tx.park.waiting, MX_DRIVER_PARKED);
	assert_int_equal(tx.full, 2);
	assert_int_equal(frames_out(), 32 + MX_DRIVER_PARKED);
	transmit_wait(&tx);
	assert_true(side.used_idx == 0);
	for (uint32_t i = 0; i < 16 + MX_DRIVER_PARKED / 2; i++) {
		int id = side_take(&side);

		assert_true(id >= 0);
		assert_int_equal(tx.q.desc[tx.q.desc[id].next].len, 100 + i);
		side_use(&side, (uint32_t)id, 0);
		transmit_reclaim(&tx);
		queue_kick(&tx.q);
	}
	assert_int_equal(tx.park.waiting, 0);
	assert_int_equal(tx.packets, 16 + MX_DRIVER_PARKED / 2);
	assert_int_equal(frames_out(), 0);
}

/* A packet that would fit does not overtake one that waits for room. */
static void test_order(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 31; i++)
		send(1, 100);
	send(2, 200);
	send(1, 300);
	assert_int_equal(tx.q.free_n, 1);
	assert_int_equal(tx.park.waiting, 3);
}

/* With room short the device interrupts at three quarters of what is out, not before. */
static void test_completion_interrupt(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 32; i++)
		send(1, 100);
	transmit_wait(&tx);
	for (uint32_t i = 0; i < 24; i++)
		side_use(&side, (uint32_t)side_take(&side), 0);
	assert_false(side_interrupts(&side));
	side_use(&side, (uint32_t)side_take(&side), 0);
	assert_true(side_interrupts(&side));
	transmit_reclaim(&tx);
	frames_again = 0;
	transmit_wait(&tx);
	assert_int_equal(frames_again, 0);
	for (uint32_t i = 0; i < 7; i++)
		side_use(&side, (uint32_t)side_take(&side), 0);
	assert_false(side_interrupts(&side)); /* room enough: the sweep will do */
	transmit_reclaim(&tx);
	assert_int_equal(frames_out(), 0);
}

static void test_forget(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 36; i++)
		send(1, 100);
	assert_int_equal(tx.park.waiting, 4);
	transmit_forget(&tx);
	assert_int_equal(tx.park.waiting, 0);
	assert_int_equal(frames_out(), 32);
}

static void test_frozen(void **state)
{
	struct mx_msg chain[2] = {packet(66), {.frame = FROZEN, .length = 4096, .kind = MX_RAW}};

	(void)state;
	chain[0].flags = MX_MORE;
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
	refuse(packet(25)); /* no whole Ethernet header */
	refuse((struct mx_msg){.frame = MX_NOFRAME, .kind = MX_RAW});
	refuse((struct mx_msg){.frame = FRAMES + 9, .length = 60, .kind = MX_RAW});
	m = packet(60);
	m.kind = MX_IP;
	refuse(m);
	chain[0] = packet(11); /* the device wants its header in one piece */
	chain[1] = packet(60);
	transmit(&tx, chain, 2);
	assert_int_equal(frames_out(), 0);
	m = packet(60);
	m.offset = 4040;
	refuse(m);
	for (uint32_t i = 0; i <= MX_CHAIN_MAX; i++)
		chain[i] = packet(60);
	transmit(&tx, chain, MX_CHAIN_MAX + 1);
	assert_int_equal(frames_out(), 0);
	assert_int_equal(tx.packets, 0);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

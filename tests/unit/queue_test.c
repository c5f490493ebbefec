/*
 * The split virtqueue against a device side over the same memory, honest and hostile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/virtio_side.h"

static struct queue q;
static struct side side;

static int setup(void **state)
{
	(void)state;
	side_init(&side, &q, 32, true);
	srandom(2);
	return 0;
}

/* A chain of n pieces with frames frame, frame + 1, …; the first piece has none if `header`. */
static void add(uint32_t n, uint32_t frame, bool header)
{
	struct piece p[32];

	for (uint32_t i = 0; i < n; i++)
		p[i] = (struct piece){0x1000ull * (frame + i), 100 + i,
		                      header && i == 0 ? MX_NOFRAME : frame + i};
	queue_add(&q, p, n, 0);
}

static void test_layout(void **state)
{
	(void)state;
	for (uint32_t n = MX_DRIVER_RING_MIN; n <= MX_DRIVER_RING; n *= 2)
		assert_true(queue_bytes(n) <= MX_DRIVER_RING_BYTES(n));
	assert_int_equal(queue_avail_bus(&q) - q.bus, 16 * 32);
	/* no element crosses a line, and so none a page */
	assert_int_equal((queue_used_bus(&q) + 4) % 64, 0);
	/* the available ring ends, used_event included, before the used ring begins */
	assert_true((uint8_t *)&q.avail->ring[33] <= (uint8_t *)q.used);
	assert_true((uint8_t *)&q.used->ring[32] + 2 <= (uint8_t *)q.desc + queue_bytes(32));
}

static void test_chain(void **state)
{
	uint32_t frames[MX_DRIVER_RING_MIN], length;
	int id;

	(void)state;
	add(3, 10, true);
	assert_int_equal(side_take(&side), -1); /* not published yet */
	queue_kick(&q);
	assert_true(side_was_kicked(&side));
	id = side_take(&side);
	assert_int_equal(id, 0);
	assert_int_equal(q.desc[id].flags, VRING_DESC_F_NEXT);
	assert_int_equal(q.desc[q.desc[id].next].addr, 0x1000 * 11);
	assert_int_equal(q.desc[q.desc[q.desc[id].next].next].flags, 0);
	assert_int_equal(queue_used(&q), 0);
	side_use(&side, (uint32_t)id, 42);
	assert_int_equal(queue_used(&q), 1);
	assert_int_equal(queue_peek(&q, &length), id);
	assert_int_equal(length, 42);
	assert_int_equal(queue_take(&q, id, frames), 2);
	assert_int_equal(frames[0], 11);
	assert_int_equal(frames[1], 12);
	assert_int_equal(q.free_n, 32);
	assert_int_equal(q.chains, 0);
}

/* Random chains, used in random order, through several wraps of the 16-bit indices. */
static void test_wrap(void **state)
{
	int taken[32];
	uint32_t n = 0, frames[MX_DRIVER_RING_MIN], length, sum_in = 0, sum_out = 0;

	(void)state;
	for (uint32_t turn = 0; turn < 200000; turn++) {
		uint32_t k = 1 + (uint32_t)random() % 5;

		if (q.free_n >= k) {
			add(k, turn, false);
			for (uint32_t i = 0; i < k; i++)
				sum_in += turn + i;
			queue_kick(&q);
		}
		while ((taken[n] = side_take(&side)) >= 0)
			n++;
		for (; n > (uint32_t)random() % 20;) {
			uint32_t i = (uint32_t)random() % n;

			side_use(&side, (uint32_t)taken[i], 1);
			taken[i] = taken[--n];
		}
		for (uint32_t used = queue_used(&q); used > 0; used--) {
			int id = queue_peek(&q, &length);
			uint32_t got = queue_take(&q, id, frames);

			for (uint32_t i = 0; i < got; i++)
				sum_out += frames[i];
		}
	}
	while (n > 0)
		side_use(&side, (uint32_t)taken[--n], 1);
	for (uint32_t used = queue_used(&q); used > 0; used--) {
		uint32_t got = queue_take(&q, queue_peek(&q, &length), frames);

		for (uint32_t i = 0; i < got; i++)
			sum_out += frames[i];
	}
	assert_int_equal(sum_in, sum_out);
	assert_int_equal(q.free_n, 32);
	assert_int_equal(q.bad, 0);
}

static void test_kick(void **state)
{
	(void)state;
	side_sleep(&side); /* avail_event = 0: kick for the first */
	queue_kick(&q);
	assert_false(side_was_kicked(&side)); /* nothing was added */
	add(1, 1, false);
	add(1, 2, false);
	queue_kick(&q);
	assert_true(side_was_kicked(&side)); /* the event lies within the batch */
	add(1, 3, false);
	queue_kick(&q);
	assert_false(side_was_kicked(&side)); /* the device has not asked again */
	while (side_take(&side) >= 0)
		;
	side_sleep(&side);
	add(1, 4, false);
	queue_kick(&q);
	assert_true(side_was_kicked(&side));
	assert_int_equal(q.kicks, 2);
}

static void test_kick_flags(void **state)
{
	(void)state;
	side_init(&side, &q, 32, false);
	q.used->flags = VRING_USED_F_NO_NOTIFY;
	add(1, 1, false);
	queue_kick(&q);
	assert_false(side_was_kicked(&side));
	q.used->flags = 0;
	add(1, 1, false);
	queue_kick(&q);
	assert_true(side_was_kicked(&side));
}

static void take_all(void)
{
	uint32_t frames[MX_DRIVER_RING_MIN], length;

	for (uint32_t used = queue_used(&q); used > 0; used--)
		queue_take(&q, queue_peek(&q, &length), frames);
}

static void test_arm(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 8; i++)
		add(1, i, false);
	queue_kick(&q);
	assert_true(queue_arm(&q, 0));
	side_use(&side, 0, 1);
	assert_true(side_interrupts(&side));
	assert_false(queue_arm(&q, 0)); /* one is there: look before sleeping */
	take_all();
	side_use(&side, 1, 1); /* not armed again: silence */
	take_all();
	assert_true(queue_arm(&q, 2)); /* for the third from here */
	side.signalled = side.used_idx;
	side_use(&side, 2, 1);
	side_use(&side, 3, 1);
	assert_false(side_interrupts(&side));
	side_use(&side, 4, 1);
	assert_true(side_interrupts(&side));
	take_all();
	side_use(&side, 5, 1);
	assert_false(side_interrupts(&side));
	assert_int_equal(q.bad, 0);
}

static void test_arm_flags(void **state)
{
	(void)state;
	side_init(&side, &q, 32, false);
	for (uint32_t i = 0; i < 3; i++)
		add(1, i, false);
	queue_disarm(&q);
	queue_kick(&q);
	side_use(&side, 0, 1);
	assert_false(side_interrupts(&side));
	take_all();
	assert_true(queue_arm(&q, 0));
	side_use(&side, 1, 1);
	assert_true(side_interrupts(&side));
}

static void test_lies(void **state)
{
	uint32_t length;

	(void)state;
	add(2, 1, false); /* chain 0: descriptors 0 and 1 */
	add(1, 3, false); /* chain 2 */
	queue_kick(&q);
	q.used->idx = 3; /* more than it has */
	assert_int_equal(queue_used(&q), 0);
	q.used->idx = 0xffff;
	assert_int_equal(queue_used(&q), 0);
	assert_int_equal(q.bad, 2);
	assert_true(queue_arm(&q, 0)); /* and no endless polling for it */
	q.bad = 0;
	q.used->idx = 0;
	side_use(&side, 32, 1); /* no such descriptor */
	side_use(&side, 0xffffffff, 1);
	assert_int_equal(queue_peek(&q, &length), -1);
	assert_int_equal(queue_peek(&q, &length), -1);
	side_use(&side, 1, 1); /* not the start of a chain */
	assert_int_equal(queue_peek(&q, &length), -1);
	side_use(&side, 5, 1); /* a free one */
	assert_int_equal(queue_peek(&q, &length), -1);
	assert_int_equal(q.bad, 4);
	side_use(&side, 0, 1);
	assert_int_equal(queue_peek(&q, &length), 0);
	take_all();
	side_use(&side, 0, 1); /* twice */
	assert_int_equal(queue_peek(&q, &length), -1);
	assert_int_equal(q.slots[2].frame, 3); /* not lost */
	assert_int_equal(q.chains, 1);
	assert_int_equal(q.free_n, 31);
}

/* The device may rewrite descriptors: the driver's own chain is what counts. */
static void test_rewritten_descriptors(void **state)
{
	uint32_t frames[MX_DRIVER_RING_MIN];

	(void)state;
	add(3, 7, false);
	queue_kick(&q);
	memset(q.desc, 0xff, 16 * 32);
	side_use(&side, 0, 1);
	assert_int_equal(queue_take(&q, 0, frames), 3);
	assert_int_equal(frames[2], 9);
	assert_int_equal(q.free_n, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_layout, setup),
	        cmocka_unit_test_setup(test_chain, setup),
	        cmocka_unit_test_setup(test_wrap, setup),
	        cmocka_unit_test_setup(test_kick, setup),
	        cmocka_unit_test_setup(test_kick_flags, setup),
	        cmocka_unit_test_setup(test_arm, setup),
	        cmocka_unit_test_setup(test_arm_flags, setup),
	        cmocka_unit_test_setup(test_lies, setup),
	        cmocka_unit_test_setup(test_rewritten_descriptors, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * A follower and what its lead tells it: rings where the memory is, bells inside the pages given,
 * and nothing believed twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>
#include <moxie/pair.h>
#include <moxie/slots.h>
#include "drivers/net/virtio/follower.h"
#include "tests/unit/frames.h"

struct device device;
struct receiver rx;
struct transmitter tx;
struct mx_control_end parent;
static uint32_t works, ready, links;
static const char *failed;
static jmp_buf failure;

_Noreturn void driver_fail(const char *reason)
{
	failed = reason;
	longjmp(failure, 1);
}

void driver_works(void)
{
	works++;
}

void port_ready(void)
{
	ready++;
}

void driver_link(void)
{
	links++;
}

#define RING (sizeof(struct mx_ring) + 4 * 128)
static _Alignas(64) uint8_t ring_ours[RING], ring_theirs[RING];
static _Alignas(4096) uint8_t dma[4 * MX_PAGE], bar[8 * MX_PAGE];
static struct mx_slot_info theirs;
static struct mx_pair_end lead;

static struct mx_slot_info info(void *in, void *out)
{
	return (struct mx_slot_info){.kind = MX_SLOT_PLAIN,
	                             .depth = mx_pair_depth,
	                             .type = mx_pair_type,
	                             .key = 3,
	                             .rx = in,
	                             .tx = out};
}

/* The follower's part is pages 3 and 4 of BAR 2. It starts once: its state is the process's. */
static int start(void **state)
{
	struct mx_driver_args args = {
	        .port = 5, .pair = 1, .pairs = 2, .bar = {2, 3, 2}, .rx_size = 64, .tx_size = 64};

	(void)state;
	frames_boot.slots[MX_DRIVER_LEAD] = info(ring_ours, ring_theirs);
	frames_boot.dma = (struct mx_region){dma, sizeof dma, 0x7000000};
	frames_boot.bars[2] = (struct mx_region){bar, sizeof bar, 0xfe000000};
	theirs = info(ring_theirs, ring_ours);
	mx_end_open(&lead.end, &theirs, MX_DRIVER_PAIR + 1, sizeof(struct mx_pair));
	follower_start(&args);
	return 0;
}

static struct mx_pair offer(uint32_t rx_bell, uint32_t tx_bell)
{
	return (struct mx_pair){.op = MX_PAIR_OFFER,
	                        .event_idx = 1,
	                        .rx = {2, 256, rx_bell},
	                        .tx = {3, 256, tx_bell}};
}

/* True when the follower goes on after hearing m. */
static bool tell(struct mx_pair m)
{
	assert_true(mx_pair_try_send(&lead, &m));
	failed = NULL;
	if (setjmp(failure))
		return false;
	follower_turn();
	return true;
}

static void test_bells(void **state)
{
	static const char outside[] = "a doorbell lies outside the pages given";

	(void)state;
	assert_false(tell(offer(0x2ffe, 0x3000))); /* before */
	assert_string_equal(failed, outside);
	assert_false(tell(offer(0x5000, 0x3000))); /* behind */
	assert_false(tell(offer(0x4fff, 0x3000))); /* odd, and half outside */
	assert_false(tell(offer(0xfffffffe, 0x3000)));
	assert_false(tell(offer(0, 0)));
	assert_string_equal(failed, outside);
	assert_int_equal(works, 0);
}

static void test_small_queue(void **state)
{
	struct mx_pair m = offer(0x3000, 0x3004);

	(void)state;
	m.tx.size = 16;
	assert_false(tell(m));
	assert_string_equal(failed, "a queue of the device is too small");
}

static bool in_dma(uint64_t bus)
{
	return bus >= 0x7000000 && bus < 0x7000000 + sizeof dma;
}

/* The order of a start, and what comes out of order. */
static void test_start(void **state)
{
	struct mx_pair link = {.op = MX_PAIR_LINK, .link = {.port = 9, .up = 1, .mtu = 1400}}, m;

	(void)state;
	assert_true(tell(link)); /* before the queues are known: not believed */
	assert_int_equal(works + links, 0);
	assert_true(tell(offer(0x3008, 0x4ffe)));
	assert_true(mx_pair_recv(&lead, &m));
	assert_int_equal(m.op, MX_PAIR_RINGS);
	assert_int_equal(m.rx.size, 64);
	assert_int_equal(m.tx.size, 64);
	assert_int_equal(m.rx_ring.desc % 16 + m.tx_ring.desc % 16, 0);
	assert_true(in_dma(m.rx_ring.desc) && in_dma(m.rx_ring.avail) && in_dma(m.rx_ring.used));
	assert_true(in_dma(m.tx_ring.desc) && in_dma(m.tx_ring.avail) && in_dma(m.tx_ring.used));
	assert_ptr_equal(rx.q.notify, bar + 0x3008);
	assert_ptr_equal(tx.q.notify, bar + 0x4ffe);
	assert_int_equal(rx.q.number, 2);
	assert_int_equal(tx.q.number, 3);
	assert_true(tell(offer(0x3000, 0x3000))); /* once is enough */
	assert_false(mx_pair_recv(&lead, &m));
	assert_ptr_equal(rx.q.notify, bar + 0x3008);
	assert_true(tell(link));
	assert_int_equal(works, 1);
	assert_int_equal(ready, 1);
	assert_int_equal(device.link.mtu, 1400);
	assert_true(tell(link));
	assert_int_equal(works, 1);
	assert_int_equal(links, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_bells),
	        cmocka_unit_test(test_small_queue),
	        cmocka_unit_test(test_start),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}

/*
 * Gathering of received buffers and completion of checksums, with headers that cannot be. Each
 * test ends with every frame back in the pool.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <linux/virtio_net.h>
#include <moxie/packet.h>
#include "tests/unit/frames.h"
#include "tests/unit/seal.h"

static struct mx_gather g;

static int setup(void **state)
{
	(void)state;
	frames_reset();
	memset(&g, 0, sizeof(g));
	return 0;
}

static int all_home(void **state)
{
	(void)state;
	assert_int_equal(frames_out(), 0);
	return 0;
}

/* A first buffer of `length` bytes with header h. */
static struct mx_msg first(const struct virtio_net_hdr_v1 *h, uint16_t length)
{
	struct mx_msg m = {.frame = mx_alloc(), .length = length, .kind = MX_RAW};

	memset(mx_frame(m.frame), 0, MX_PAGE);
	memcpy(mx_frame(m.frame), h, sizeof(*h));
	return m;
}

static struct mx_msg more(uint16_t length)
{
	return (struct mx_msg){.frame = mx_alloc(), .length = length, .kind = MX_RAW};
}

static uint32_t gather_one(struct virtio_net_hdr_v1 h, uint16_t length)
{
	struct mx_msg m = first(&h, length);

	return mx_gather(&g, &m, 3);
}

static void test_one(void **state)
{
	struct mx_packet *p;

	(void)state;
	assert_int_equal(gather_one((struct virtio_net_hdr_v1){.num_buffers = 1}, 12 + 60), 1);
	p = mx_packet(&g.chain[0]);
	assert_int_equal(g.chain[0].kind, MX_ETHER);
	assert_int_equal(g.chain[0].flags, 0);
	assert_int_equal(g.chain[0].offset, 12);
	assert_int_equal(g.chain[0].length, 60);
	assert_int_equal(p->port, 3);
	assert_int_equal(p->length, 60);
	assert_int_equal(p->flags, 0);
	mx_free_chain(g.chain, 1);
	assert_int_equal(g.bad, 0);
}

static void test_chain(void **state)
{
	struct virtio_net_hdr_v1 h = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
	                              .gso_type = VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN,
	                              .hdr_len = 54,
	                              .gso_size = 1448,
	                              .csum_start = 34,
	                              .csum_offset = 16,
	                              .num_buffers = 3};
	struct mx_msg m = first(&h, 4096);
	struct mx_packet *p;

	(void)state;
	assert_int_equal(mx_gather(&g, &m, 0), 0);
	m = more(4096);
	assert_int_equal(mx_gather(&g, &m, 0), 0);
	m = more(100);
	assert_int_equal(mx_gather(&g, &m, 0), 3);
	p = mx_packet(&g.chain[0]);
	assert_int_equal(p->length, 4084 + 4096 + 100);
	assert_int_equal(p->flags, MX_CSUM_PARTIAL);
	assert_int_equal(p->gso, MX_GSO_TCP4 | MX_GSO_ECN);
	assert_int_equal(p->gso_size, 1448);
	assert_int_equal(p->csum_start, 34);
	assert_int_equal(g.chain[0].flags, MX_MORE);
	assert_int_equal(g.chain[1].flags, MX_MORE);
	assert_int_equal(g.chain[1].offset, 0);
	assert_int_equal(g.chain[2].flags, 0);
	mx_free_chain(g.chain, 3);
}

static void test_refused(void **state)
{
	static const struct {
		struct virtio_net_hdr_v1 h;
		uint16_t length;
	} bad[] = {
	        {{.num_buffers = 1}, 0},
	        {{.num_buffers = 1}, 11},      /* the header itself is cut */
	        {{.num_buffers = 1}, 12 + 13}, /* less than an Ethernet header */
	        {{.num_buffers = 0}, 100},
	        {{.num_buffers = MX_CHAIN_MAX + 1}, 100},
	        {{.num_buffers = 65535}, 100},
	        {{.num_buffers = 1, .flags = 1, .csum_start = 60, .csum_offset = 27}, 100},
	        {{.num_buffers = 1, .flags = 1, .csum_start = 65535, .csum_offset = 65535}, 100},
	        {{.num_buffers = 1, .flags = 1, .gso_type = 2, .gso_size = 9}, 100},
	        {{.num_buffers = 1, .flags = 1, .gso_type = 0x80, .gso_size = 9}, 100},
	        {{.num_buffers = 1, .flags = 1, .gso_type = 0x83, .gso_size = 9}, 100},
	        {{.num_buffers = 1, .flags = 1, .gso_type = 1, .gso_size = 0}, 100},
	        {{.num_buffers = 1, .flags = 0, .gso_type = 1, .gso_size = 9}, 100},
	        {{.num_buffers = 1, .flags = 1, .gso_type = 1, .gso_size = 9, .hdr_len = 89}, 100},
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(gather_one(bad[i].h, bad[i].length), 0);
		assert_int_equal(g.bad, i + 1);
		assert_int_equal(frames_out(), 0);
	}
	/* The edge that is still right. */
	assert_int_equal(gather_one((struct virtio_net_hdr_v1){.num_buffers = 1,
	                                                       .flags = 1,
	                                                       .csum_start = 60,
	                                                       .csum_offset = 26},
	                            100),
	                 1);
	mx_free_chain(g.chain, 1);
}

/* A packet with an empty buffer is refused whole, and the next one is seen from its start. */
static void test_stays_in_step(void **state)
{
	struct virtio_net_hdr_v1 h = {.num_buffers = 3};
	struct mx_msg m = first(&h, 4096);

	(void)state;
	mx_gather(&g, &m, 0);
	m = more(0);
	mx_gather(&g, &m, 0);
	m = more(5);
	assert_int_equal(mx_gather(&g, &m, 0), 0);
	assert_int_equal(g.bad, 1);
	assert_int_equal(frames_out(), 0);
	h.num_buffers = 1;
	assert_int_equal(gather_one(h, 100), 1);
	mx_free_chain(g.chain, 1);
}

static void test_reset(void **state)
{
	struct virtio_net_hdr_v1 h = {.num_buffers = MX_CHAIN_MAX};
	struct mx_msg m = first(&h, 4096), bare = {.frame = MX_NOFRAME, .kind = MX_RAW};

	(void)state;
	mx_gather(&g, &m, 0);
	assert_int_equal(mx_gather(&g, &bare, 0), 0);
	for (uint32_t i = 2; i < MX_CHAIN_MAX; i++) {
		m = more(4096);
		assert_int_equal(mx_gather(&g, &m, 0), 0);
	}
	assert_int_equal(frames_out(), MX_CHAIN_MAX - 1);
	mx_gather_reset(&g);
	assert_int_equal(g.have, 0);
}

/* A packet of 60 bytes cut at `at`; its checksum covers bytes 20 .. 60, the field is at 26. */
static void make_partial(struct mx_msg chain[2], uint32_t at)
{
	struct mx_packet p = {
	        .flags = MX_CSUM_PARTIAL, .csum_start = 20, .csum_offset = 6, .length = 60};

	for (uint32_t i = 0; i < 2; i++)
		chain[i] = (struct mx_msg){.frame = mx_alloc(), .offset = 7, .kind = MX_ETHER};
	chain[0].length = (uint16_t)at;
	chain[1].length = (uint16_t)(60 - at);
	for (uint32_t i = 0; i < 60; i++)
		((uint8_t *)mx_frame(chain[i >= at].frame))[7 + (i >= at ? i - at : i)] =
		        i == 26   ? 0x12
		        : i == 27 ? 0x34
		                  : (uint8_t)(i * 37);
	memcpy(chain[0].body, &p, sizeof(p));
}

/* The completed sum with the pseudo header's is all ones, wherever the packet is cut. */
static void test_complete(void **state)
{
	struct mx_msg chain[2];

	(void)state;
	for (uint32_t at = 1; at < 60; at++) {
		make_partial(chain, at);
		assert_true(mx_complete_csum(chain, 2));
		assert_int_equal(mx_packet(chain)->flags, 0);
		assert_int_equal(mx_fold(mx_sum_chain(chain, 2, 20, 60, 0x1234)), 0xffff);
		assert_true(mx_complete_csum(chain, 2));
		mx_free_chain(chain, 2);
	}
}

/* A sum of all ones gives 0, which is sent as all ones: 0 would mean "none" in UDP. */
static void test_zero(void **state)
{
	struct mx_msg chain[2];
	uint8_t *at;

	(void)state;
	make_partial(chain, 59);
	at = (uint8_t *)mx_frame(chain[0].frame) + 7;
	memset(at + 20, 0, 39);
	*((uint8_t *)mx_frame(chain[1].frame) + 7) = 0;
	memset(at + 26, 0xff, 2);
	assert_true(mx_complete_csum(chain, 2));
	assert_int_equal(at[26], 0xff);
	assert_int_equal(at[27], 0xff);
	mx_free_chain(chain, 2);
}

static void test_cannot_complete(void **state)
{
	struct mx_msg chain[2];

	(void)state;
	make_partial(chain, 30);
	mx_packet(chain)->csum_start = 55;
	mx_packet(chain)->csum_offset = 4;
	assert_false(mx_complete_csum(chain, 2));
	mx_packet(chain)->csum_start = 65535;
	assert_false(mx_complete_csum(chain, 2));
	mx_packet(chain)->csum_start = 20;
	mx_packet(chain)->gso = MX_GSO_TCP4;
	assert_false(mx_complete_csum(chain, 2));
	mx_packet(chain)->gso = MX_GSO_NONE;
	mx_packet(chain)->length = 100; /* says more than the chain has */
	mx_packet(chain)->csum_start = 70;
	assert_false(mx_complete_csum(chain, 2));
	mx_free_chain(chain, 2);
	chain[0].frame = FROZEN;
	mx_packet(chain)->length = 60;
	mx_packet(chain)->csum_start = 20;
	assert_false(mx_complete_csum(chain, 1));
}

/* A frozen frame cannot have been received: whoever says so is not believed. */
static void test_frozen_is_refused(void **state)
{
	struct mx_msg m = {.frame = FROZEN, .length = 100, .kind = MX_RAW};
	uint8_t *page = mx_frame(FROZEN);

	(void)state;
	memset(page, 0, 12);
	page[10] = 1; /* num_buffers: only the frame is wrong */
	assert_int_equal(mx_gather(&g, &m, 0), 0);
	assert_int_equal(g.bad, 1);
	assert_int_equal(g.have, 0);
}

/* The header lands right before the packet, says what the facts do, and has its room or is not. */
static void test_seal(void **state)
{
	struct mx_packet facts = {.flags = MX_CSUM_PARTIAL | MX_CSUM_VALID,
	                          .gso = MX_GSO_TCP4 | MX_GSO_ECN,
	                          .gso_size = 1448,
	                          .hdr_len = 54,
	                          .csum_start = 34,
	                          .csum_offset = 16,
	                          .length = 3000};
	struct mx_msg chain[2] = {{.frame = mx_alloc(), .offset = 11, .length = 1500},
	                          {.frame = mx_alloc(), .offset = 7, .length = 1500}};
	uint8_t *page = mx_frame(chain[0].frame);

	(void)state;
	memcpy(chain[0].body, &facts, sizeof(facts));
	memset(page, 0x55, MX_PAGE);
	assert_false(mx_seal(chain, 2));
	assert_int_equal(chain[0].offset, 11);
	chain[0].offset = 20;
	assert_true(mx_seal(chain, 2));
	assert_int_equal(chain[0].offset, 8);
	assert_int_equal(chain[0].length, 1512);
	assert_int_equal(chain[1].length, 1500);
	assert_int_equal(chain[1].kind, MX_RAW);
	seal_check(&facts, page + 8);
	assert_int_equal(page[7], 0x55);
	assert_int_equal(page[20], 0x55);
	chain[0].offset = 100;
	*mx_packet(chain) = (struct mx_packet){.csum_start = 9, .gso_size = 9, .length = 3000};
	assert_true(mx_seal(chain, 2));
	seal_check(mx_packet(chain), page + 88);
	mx_free_chain(chain, 2);
	chain[0] = (struct mx_msg){.frame = FROZEN, .offset = 100, .length = 60};
	assert_false(mx_seal(chain, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_one, setup, all_home),
	        cmocka_unit_test_setup_teardown(test_chain, setup, all_home),
	        cmocka_unit_test_setup_teardown(test_refused, setup, all_home),
	        cmocka_unit_test_setup_teardown(test_stays_in_step, setup, all_home),
	        cmocka_unit_test_setup_teardown(test_reset, setup, all_home),
	        cmocka_unit_test_setup_teardown(test_complete, setup, all_home),
	        cmocka_unit_test_setup_teardown(test_zero, setup, all_home),
	        cmocka_unit_test_setup_teardown(test_cannot_complete, setup, all_home),
	        cmocka_unit_test_setup_teardown(test_frozen_is_refused, setup, all_home),
	        cmocka_unit_test_setup_teardown(test_seal, setup, all_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

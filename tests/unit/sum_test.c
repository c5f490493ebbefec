/*
 * The Internet checksum against a naive one, byte by byte: lengths, alignments, random cuts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <moxie/packet.h>
#include "tests/unit/frames.h"

static uint8_t bytes[70000];

static uint64_t naive(const uint8_t *p, uint32_t n)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += i % 2 ? p[i] : (uint64_t)p[i] << 8;
	return sum;
}

/* The bytes that a sum has when it is stored, as one number. */
static uint32_t stored(uint64_t sum)
{
	uint16_t v = mx_fold(sum);
	uint8_t b[2];

	memcpy(b, &v, 2);
	return (uint32_t)b[0] << 8 | b[1];
}

static uint32_t naive_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum >> 16) + (sum & 0xffff);
	return (uint32_t)sum;
}

static int setup(void **state)
{
	(void)state;
	frames_reset();
	srandom(1);
	for (uint32_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)random();
	return 0;
}

/* The example of RFC 1071, section 3. */
static void test_rfc(void **state)
{
	const uint8_t data[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

	(void)state;
	assert_int_equal(stored(mx_sum(data, sizeof(data), 0)), 0xddf2);
}

static void test_lengths(void **state)
{
	(void)state;
	for (uint32_t align = 0; align < 9; align++)
		for (uint32_t n = 0; n < 200; n++)
			assert_int_equal(stored(mx_sum(bytes + align, n, 0)),
			                 naive_fold(naive(bytes + align, n)));
	assert_int_equal(stored(mx_sum(bytes, 65535, 0)), naive_fold(naive(bytes, 65535)));
}

static void test_all_ones(void **state)
{
	static uint8_t ones[65536];

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	assert_int_equal(stored(mx_sum(ones, sizeof(ones), 0)), 0xffff);
	assert_int_equal(stored(mx_sum(ones, sizeof(ones), UINT32_MAX)),
	                 naive_fold(naive(ones, sizeof(ones)) + UINT32_MAX));
}

/* Plain numbers may be added: a pseudo header's protocol and length. */
static void test_numbers(void **state)
{
	const uint8_t words[] = {0x00, 0x11, 0x12, 0x34};

	(void)state;
	assert_int_equal(stored(mx_sum(bytes, 100, 0x11 + 0x1234)),
	                 stored(mx_sum(bytes, 100, mx_sum(words, sizeof(words), 0))));
}

/* Cuts `total` bytes into n random pieces (empty ones too) at odd places of frames. */
static void cut(struct mx_msg *chain, uint32_t n, uint32_t total)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t most = total - at < 3000 ? total - at : 3000;
		uint32_t length = i + 1 == n ? most : (uint32_t)random() % (most + 1);

		chain[i] = (struct mx_msg){.frame = i,
		                           .offset = (uint16_t)(random() % 1000),
		                           .length = (uint16_t)length};
		memcpy((uint8_t *)mx_frame(i) + chain[i].offset, bytes + at, length);
		at += length;
	}
}

static void test_chain(void **state)
{
	struct mx_msg chain[MX_CHAIN_MAX];

	(void)state;
	for (uint32_t turn = 0; turn < 5000; turn++) {
		uint32_t n = 1 + (uint32_t)random() % MX_CHAIN_MAX, total = 0;
		uint32_t from, to, end;

		cut(chain, n, (uint32_t)random() % 9000);
		for (uint32_t i = 0; i < n; i++)
			total += chain[i].length;
		from = (uint32_t)random() % (total + 1);
		to = from + (uint32_t)random() % (total + 100);
		end = to < total ? to : total;
		assert_int_equal(stored(mx_sum_chain(chain, n, from, to, 7)),
		                 naive_fold(naive(bytes + from, end - from) + 7));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_rfc, setup),
	        cmocka_unit_test_setup(test_lengths, setup),
	        cmocka_unit_test_setup(test_all_ones, setup),
	        cmocka_unit_test_setup(test_numbers, setup),
	        cmocka_unit_test_setup(test_chain, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

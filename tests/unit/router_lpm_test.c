/*
 * Longest-prefix match against a reference that tries every length, both families, at 100 000
 * routes; the lookup time is printed, not judged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "router_host.h"
#include "apps/router/lpm.h"

#define ROUTES 100000u
#define SLOTS  (1u << 18)

static uint64_t seed = 88172645463325252ull;

static uint64_t draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

/* The reference: a hash of (prefix, length), asked from the longest length down. */
struct entry {
	struct ip net;
	uint32_t length, value;
};
static struct entry reference[SLOTS];
static uint64_t lengths[3]; /* bit l: some prefix has length l */

static struct entry *slot_of(struct ip net, uint32_t length)
{
	uint64_t i = (net.hi * 31 + net.lo * 17 + length) * 0x9e3779b97f4a7c15 >> 46;

	while (reference[i].value &&
	       !(reference[i].length == length && ip_same(reference[i].net, net)))
		i = (i + 1) % SLOTS;
	return &reference[i];
}

static void remember(struct ip net, uint32_t length, uint32_t value)
{
	*slot_of(net, length) = (struct entry){net, length, value};
	lengths[length / 64] |= 1ull << length % 64;
}

static uint32_t ask(struct ip key)
{
	for (uint32_t l = 129; l-- > 0;) {
		if (lengths[l / 64] >> l % 64 & 1) {
			const struct entry *e = slot_of(ip_net(key, l), l);

			if (e->value)
				return e->value;
		}
	}
	return 0;
}

/* Lengths as in the real tables: mostly /24 and /48, some of all. */
static uint32_t draw_length(uint32_t max)
{
	uint32_t common = max == 32 ? 24 : 48;

	return draw() % 4 ? common - (uint32_t)(draw() % 4 ? 0 : draw() % 9)
	                  : (uint32_t)(draw() % (max + 1));
}

static struct ip draw_ip(uint32_t max)
{
	/* A few high parts, so that prefixes nest. */
	uint64_t hi = max == 32 ? draw() & 0x3fffffff00000000
	                        : 0x2001000000000000 | (draw() & 0x0fffffffffff);

	return (struct ip){hi, max == 32 ? 0 : draw()};
}

static double time_lookups(const struct lpm *t, const struct ip *keys, uint32_t n)
{
	struct timespec a, b;
	volatile uint32_t sink = 0;

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (uint32_t r = 0; r < 20; r++)
		for (uint32_t i = 0; i < n; i++)
			sink += lpm_find(t, keys[i]);
	clock_gettime(CLOCK_MONOTONIC, &b);
	(void)sink;
	return ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / (20.0 * n);
}

static void fill_and_compare(uint32_t max)
{
	static struct lpm t;
	static struct ip keys[10000];
	uint64_t before = lpm_memory();

	memset(&t, 0, sizeof(t));
	memset(reference, 0, sizeof(reference));
	memset(lengths, 0, sizeof(lengths));
	assert_int_equal(lpm_find(&t, draw_ip(max)), 0);
	for (uint32_t i = 1; i <= ROUTES; i++) {
		uint32_t length = draw_length(max);
		struct ip net = ip_net(draw_ip(max), length);

		assert_true(lpm_insert(&t, net, length, i));
		remember(net, length, i);
		if (i % 8 == 0) /* what was there must survive what comes */
			assert_int_equal(lpm_find(&t, net), ask(net));
		keys[i % 10000] = draw() % 2 ? draw_ip(max) : net;
		keys[i % 10000].lo |= max == 32 ? 0 : draw() & 0xff;
	}
	for (uint32_t i = 0; i < 10000; i++)
		assert_int_equal(lpm_find(&t, keys[i]), ask(keys[i]));
	printf("lpm: %u-bit keys, %u routes, %.1f MiB, %.0f ns a lookup\n", max, ROUTES,
	       (double)(lpm_memory() - before) / 1048576, time_lookups(&t, keys, 10000));
}

static void test_ip4(void **state)
{
	(void)state;
	fill_and_compare(32);
}

static void test_ip6(void **state)
{
	(void)state;
	fill_and_compare(128);
}

/* Every length alone, with its neighbours on both sides. */
static void test_edges(void **state)
{
	static struct lpm t;
	struct ip key = {0x5555aaaa5555aaaa, 0xaaaa5555aaaa5555};

	(void)state;
	for (uint32_t l = 0; l <= 128; l++) {
		struct ip net = ip_net(key, l), other = net;

		memset(&t, 0, sizeof(t));
		assert_true(lpm_insert(&t, net, l, 7));
		assert_int_equal(lpm_find(&t, key), 7);
		if (l == 0)
			continue;
		if (l <= 64)
			other.hi ^= 1ull << (64 - l);
		else
			other.lo ^= 1ull << (128 - l);
		assert_int_equal(lpm_find(&t, other), 0);
		assert_true(lpm_insert(&t, net, l, 9)); /* replaced, not added */
		assert_int_equal(lpm_find(&t, key), 9);
		assert_true(lpm_insert(&t, key, 0, 3));
		assert_int_equal(lpm_find(&t, other), 3);
		assert_int_equal(lpm_find(&t, key), 9);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_edges), cmocka_unit_test(test_ip4),
	                                   cmocka_unit_test(test_ip6)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * executive/x86_64/numa.c: tables that are right, and that lie in every byte. Each table has just
 * its length of memory, so the address sanitizer sees any byte read behind it. And share.c's use of
 * it: who gets which memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/numa.h"
#include "tests/unit/platform_host.h"

#define SRAT (48u + 16 + 24 + 40 + 40)
#define SLIT (44u + 4)
#define HMAT (40u + 32 + 16 + 8 + 32)
#define MIB  (1u << 20)

struct acpi acpi;
static const struct topology *const facts = &machine.topology;
static uint8_t *srat, *slit, *hmat;

static void put(uint8_t *to, uint64_t v, uint32_t n)
{
	memcpy(to, &v, n);
}

static uint8_t *table(uint8_t *old, uint32_t n)
{
	uint8_t *t;

	free(old);
	t = calloc(1, n);
	put(t + 4, n, 4);
	t[8] = 3;
	return t;
}

static void put_range(uint8_t *e, uint32_t domain, uint64_t base, uint64_t size)
{
	e[0] = 1;
	e[1] = 40;
	put(e + 2, domain, 4);
	put(e + 8, base, 8);
	put(e + 16, size, 8);
	e[28] = 1;
}

/* Cores 3 in domain 0x105, 4 in 7; memory: 8 MiB of each. */
static void make_srat(void)
{
	uint8_t *e = (srat = table(srat, SRAT)) + 48;

	memcpy(e, "\0\20\5\3\1\0\0\0\0\1\0\0", 12);
	memcpy(e + 16, "\2\30\0\0\7\0\0\0\4\0\0\0\1", 13);
	put_range(e + 40, 0x105, 0, 8 * MIB);
	put_range(e + 80, 7, 8 * MIB, 8 * MIB);
}

/* Of domains 0 and 1, which SRAT does not name. */
static void make_slit(void)
{
	slit = table(slit, SLIT);
	put(slit + 36, 2, 8);
	memcpy(slit + 44, "\12\24\24\12", 4);
}

/* From 0x105 to both: 10 and 30 ns; 7 has a cache. */
static void make_hmat(void)
{
	uint8_t *e = (hmat = table(hmat, HMAT)) + 40;

	put(e, 1, 2);
	put(e + 4, 56, 4);
	put(e + 12, 1, 4);
	put(e + 16, 2, 4);
	put(e + 24, 1000, 8);
	put(e + 32, 0x105, 4);
	put(e + 36, 7, 4);
	put(e + 40, 0x105, 4);
	put(e + 44, 30, 2);
	put(e + 46, 10, 2);
	put(e + 56, 2, 2);
	put(e + 60, 32, 4);
	put(e + 64, 7, 4);
	put(e + 72, 1 << 16, 8);
	put(e + 80, 64u << 16 | 1 << 8 | 1 << 4 | 1, 4);
}

static int setup(void **state)
{
	(void)state;
	host_reset();
	acpi = (struct acpi){.cores = 2, .core_id = {3, 4}};
	make_srat();
	make_slit();
	make_hmat();
	return 0;
}

static void test_reads_all(void **state)
{
	(void)state;
	numa_read(srat, slit, hmat);
	assert_int_equal(facts->nodes_n, 2);
	assert_int_equal(facts->nodes[0].domain, 0x105);
	assert_int_equal(facts->nodes[1].domain, 7);
	assert_int_equal(acpi.core_node[0], 0);
	assert_int_equal(acpi.core_node[1], 1);
	assert_int_equal(facts->ranges_n, 2);
	assert_int_equal(facts->ranges[1].base, 8 * MIB);
	assert_int_equal(facts->ranges[1].node, 1);
	assert_int_equal(facts->distance[0][1], 0); /* it has rows for other domains alone */
	assert_int_equal(facts->latency[0][0], 10000);
	assert_int_equal(facts->latency[0][1], 30000);
	assert_int_equal(facts->latency[1][0], 0);
	assert_int_equal(facts->caches_n, 1);
	assert_int_equal(facts->caches[0].size, 1 << 16);
	assert_int_equal(facts->caches[0].node, 1);
	assert_int_equal(facts->caches[0].line, 64);
}

static void judge(void)
{
	assert_true(facts->nodes_n <= TOPOLOGY_NODES && facts->ranges_n <= TOPOLOGY_RANGES);
	for (uint32_t i = 0; i < acpi.cores; i++)
		assert_true(acpi.core_node[i] == 0 || acpi.core_node[i] < facts->nodes_n);
	for (uint32_t i = 0; i < facts->ranges_n; i++)
		assert_true(facts->ranges[i].node < facts->nodes_n);
}

static void spoil(uint8_t **which, uint32_t first, uint32_t n)
{
	static const uint8_t values[] = {0, 1, 2, 0x7f, 0x80, 0xff};

	for (uint32_t at = first; at < n; at++)
		for (uint32_t i = 0; i < sizeof values; i++) {
			setup(NULL);
			(*which)[at] = values[i];
			numa_read(srat, slit, hmat);
			judge();
		}
}

static void test_hostile(void **state)
{
	(void)state;
	spoil(&srat, 8, SRAT);
	spoil(&slit, 8, SLIT);
	spoil(&hmat, 8, HMAT);
}

/* Cut anywhere, its length being said rightly. */
static void test_cut(void **state)
{
	(void)state;
	for (uint32_t n = 36; n < SRAT; n++) {
		setup(NULL);
		srat = realloc(srat, n);
		put(srat + 4, n, 4);
		slit = realloc(slit, n < SLIT ? n : SLIT);
		put(slit + 4, n < SLIT ? n : SLIT, 4);
		hmat = realloc(hmat, n < HMAT ? n : HMAT);
		put(hmat + 4, n < HMAT ? n : HMAT, 4);
		numa_read(srat, slit, hmat);
		judge();
	}
}

static uint64_t in_node(uint32_t core, uint32_t node)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < SHARES; i++) {
		struct range r = machine.share[core][i];

		sum += r.base / (8 * MIB) == node ? r.size : 0;
		assert_true(!r.size || r.base / (8 * MIB) == (r.base + r.size - 1) / (8 * MIB));
	}
	return sum;
}

/* Each core has its own node's memory, but for what makes the shares equal. */
static void test_shares(void **state)
{
	(void)state;
	numa_read(srat, slit, hmat);
	topology_finish(&machine.topology, machine.cores = 2);
	machine.topology.cores[1].node = 1;
	memory_add(0, 16 * MIB);
	memory_divide();
	assert_true(in_node(0, 0) > 5 * MIB && in_node(1, 1) > 5 * MIB);
	assert_true(in_node(0, 1) < 2 * MIB && in_node(1, 0) < 2 * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_reads_all, setup),
	        cmocka_unit_test(test_hostile),
	        cmocka_unit_test(test_cut),
	        cmocka_unit_test_setup(test_shares, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

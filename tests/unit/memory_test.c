/*
 * executive/x86_64/memory.c: every page has one owner, whatever the loader's map looks like.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "executive/machine.h"
#include "executive/x86_64/boot.h"
#include "tests/unit/platform_host.h"

#define PAGES (HOST_MEMORY / MX_PAGE)

static uint8_t owners[PAGES];

/* memory.c has no way to forget; each test takes back what the one before left. */
static int setup(void **state)
{
	(void)state;
	memory_reserve(0, 1ull << 52);
	host_reset();
	machine.topology.nodes_n = 1;
	memset(owners, 0, sizeof(owners));
	assert_int_equal(ram_n, 0);
	return 0;
}

static void claim(uint64_t base, uint64_t size)
{
	assert_int_equal(base % MX_PAGE, 0);
	for (uint64_t at = base; at < base + size; at += MX_PAGE) {
		assert_true(memory_is_ram(at, MX_PAGE));
		assert_int_equal(owners[at / MX_PAGE]++, 0);
	}
}

static uint64_t claim_all(void)
{
	uint64_t sum = machine.fifos.size;

	claim(machine.fifos.base, machine.fifos.size);
	for (uint32_t c = 0; c < machine.cores; c++) {
		claim(machine.pools[c].dma, machine.pools[c].count * (uint64_t)MX_PAGE);
		sum += machine.pools[c].count * (uint64_t)MX_PAGE;
		for (uint32_t i = 0; i < SHARES; i++) {
			claim(machine.share[c][i].base, machine.share[c][i].size);
			sum += machine.share[c][i].size;
		}
	}
	return sum;
}

static void test_divides(void **state)
{
	uint32_t next = 0;

	(void)state;
	machine.cores = 2;
	memory_add(0, 0x9fc00);
	memory_add(0x100000, 0xe00000);
	memory_keep(0x100000, 0x20001); /* the image: to 0x121000 */
	claim(0x100000, 0x21000);
	memory_divide();
	memory_pools();
	assert_int_equal(machine.memory, 0xe00000);
	assert_int_equal(machine.cores, 2);
	assert_in_range(claim_all(), 0xe00000 - 0x21000 - 2 * MX_PAGE, 0xe00000 - 0x21000);
	for (uint32_t c = 0; c < 2; c++) {
		assert_int_equal(machine.pools[c].first, next);
		assert_in_range(machine.pools[c].count, 800, 1000);
		next += machine.pools[c].count;
	}
	/* No page table holds both owned and frozen frames. */
	assert_int_equal(machine.pools[2].first % 512, 0);
	assert_in_range(machine.pools[2].first, next, next + 511);
	assert_string_equal(host_said, "");
}

static void test_overlaps_count_once(void **state)
{
	(void)state;
	memory_add(0x100000, 0x800000);
	memory_add(0x400000, 0x800000);
	memory_reserve(0x3ff800, 0x1000); /* two pages, rounded outwards */
	memory_divide();
	memory_pools();
	assert_int_equal(machine.memory, 0xb00000 - 0x2000);
	assert_false(memory_is_ram(0x3ff000, 1));
	assert_false(memory_is_ram(0x400fff, 1));
	assert_true(memory_is_ram(0x401000, 0x7ff000));
	claim_all();
}

static void test_scattered(void **state)
{
	(void)state;
	machine.cores = 3;
	for (uint64_t at = 0x100000; at < HOST_MEMORY - 0x200000; at += 0x200000)
		memory_add(at, 0x180000 + at % 0x3000);
	memory_divide();
	memory_pools();
	claim_all();
	for (uint32_t c = 0; c < 3; c++)
		assert_true(machine.pools[c].count > 200);
}

static void test_pages_are_zero_and_own(void **state)
{
	(void)state;
	memory_add(0x100000, 0xe00000);
	memset(host_memory + 0x100000, 0xa5, 0xe00000);
	for (uint32_t i = 0; i < 100; i++) {
		uint64_t at;

		if (i == 50)
			memory_divide();
		at = memory_page(i < 50 ? BOOT : 0);
		claim(at, MX_PAGE);
		for (uint32_t b = 0; b < MX_PAGE; b += 64)
			assert_int_equal(host_memory[at + b], 0);
	}
	memory_pools();
	claim_all();
}

static void test_fewer_cores(void **state)
{
	(void)state;
	machine.cores = 8;
	memory_add(0x100000, 0x900000);
	memory_divide();
	assert_int_equal(machine.cores, 4);
	assert_non_null(strstr(host_said, "too small for 8 cores: only 4 are used"));
}

static void test_too_small(void **state)
{
	(void)state;
	memory_add(0x100000, 0x180000);
	assert_true(host_panics(memory_divide));
	assert_non_null(strstr(host_said, "memory too small: 1536 KiB free, 2112 KiB needed"));
}

static void take_much(void)
{
	memory_take(0x400000);
}

static void test_take_never_lies(void **state)
{
	(void)state;
	memory_add(0x100000, 0x300000);
	memory_add(1ull << 32, 0x800000); /* not mapped this early */
	assert_true(host_panics(take_much));
	assert_int_equal(memory_take(1), 0x3ff000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_divides, setup),
	        cmocka_unit_test_setup(test_overlaps_count_once, setup),
	        cmocka_unit_test_setup(test_scattered, setup),
	        cmocka_unit_test_setup(test_pages_are_zero_and_own, setup),
	        cmocka_unit_test_setup(test_fewer_cores, setup),
	        cmocka_unit_test_setup(test_too_small, setup),
	        cmocka_unit_test_setup(test_take_never_lies, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * executive/x86_64/dmar.c against tables that are right, cut, and hostile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "executive/machine.h"
#include "executive/x86_64/dmar.h"
#include "tests/unit/platform_host.h"

#define FIRST 48u

static uint8_t table[4096];
static uint32_t length;

/* A copy that ends where the table ends: the address sanitizer sees who reads on. */
static void read_table(void)
{
	uint8_t *copy = malloc(length);

	memcpy(table + 4, &length, 4);
	memcpy(copy, table, length);
	dmar_read(copy);
	free(copy);
}

static void add(const char *bytes, uint32_t n)
{
	memcpy(table + length, bytes, n);
	length += n;
}

/*
 * Unit 0 has 00:02.0, the bridge 00:1c.0 with what is below it, and what is behind two bridges at
 * 00:1d.0 and there 01.1; unit 1 has the rest and I/O APIC 9 as ff:00.0. 00:03.0 shares memory.
 */
static int setup(void **state)
{
	(void)state;
	host_reset();
	memset(table, 0, sizeof(table));
	memset(&dmar, 0, sizeof(dmar));
	length = FIRST;
	table[37] = 1;
	add("\0\0\50\0\0\0\0\0\0\0\331\376\0\0\0\0"
	    "\1\10\0\0\0\0\2\0"
	    "\2\10\0\0\0\0\34\0"
	    "\1\12\0\0\0\0\35\0\1\1",
	    42);
	table[FIRST + 2] = 42;
	add("\0\0\30\0\1\0\0\0\0\20\331\376\0\0\0\0\3\10\0\0\11\377\0\0", 24);
	add("\1\0\40\0\0\0\0\0\0\0\0\177\0\0\0\0\377\377\17\177\0\0\0\0\1\10\0\0\0\0\3\0", 32);
	host_config[0x1c << 3][6] = 4u << 8 | 6u << 16;
	host_config[0x1d << 3][6] = 8u << 8 | 8u << 16;
	return 0;
}

static void test_reads_all(void **state)
{
	uint16_t source = 0;

	(void)state;
	read_table();
	assert_string_equal(host_said, "");
	assert_true(dmar.remap_interrupts);
	assert_int_equal(dmar.units_n, 2);
	assert_int_equal(dmar.units[0].base, 0xfed90000u);
	assert_int_equal(dmar.units[1].base, 0xfed91000u);
	assert_int_equal(dmar_unit_of(0x02 << 3), 0);
	assert_int_equal(dmar_unit_of(0x02 << 3 | 1), 1);
	assert_int_equal(dmar_unit_of(0x1c << 3), 0);
	assert_int_equal(dmar_unit_of(0x0400), 0);
	assert_int_equal(dmar_unit_of(0x06ff), 0);
	assert_int_equal(dmar_unit_of(0x0700), 1);
	assert_int_equal(dmar_unit_of(0x0800 | 1 << 3 | 1), 0);
	assert_int_equal(dmar_unit_of(0x0800), 1);
	assert_true(dmar_ioapic(9, &source));
	assert_int_equal(source, 0xff00);
	assert_false(dmar_ioapic(8, &source));
	assert_true(dmar_reserves(3 << 3));
	assert_false(dmar_reserves(4 << 3));
}

/* Without one that takes the rest, what is not named is translated by none. */
static void test_listed_only(void **state)
{
	(void)state;
	table[FIRST + 42 + 4] = 0;
	read_table();
	assert_int_equal(dmar_unit_of(0x02 << 3), 0);
	assert_int_equal(dmar_unit_of(0x03 << 3), DMAR_NONE);
}

/* A bridge that leads nowhere, or back, ends a path; there is no loop. */
static void test_bad_bridges(void **state)
{
	(void)state;
	host_config[0x1c << 3][6] = 0;
	host_config[0x1d << 3][6] = 0;
	read_table();
	assert_int_equal(dmar_unit_of(0x1c << 3), 0);
	assert_int_equal(dmar_unit_of(0x0400), 1);
	assert_int_equal(dmar_unit_of(1 << 3 | 1), 1);
}

/* Another segment's functions have the same numbers. */
static void test_segment(void **state)
{
	(void)state;
	table[FIRST + 6] = 1;
	read_table();
	assert_int_equal(dmar.units_n, 1);
	assert_int_equal(dmar_unit_of(0x02 << 3), 0);
	assert_int_equal(dmar.units[0].base, 0xfed91000u);
}

/* At every length: nothing is read behind the end, and what was whole counts. */
static void test_cut(void **state)
{
	uint32_t whole = length;

	(void)state;
	for (uint32_t n = 38; n < whole; n++) {
		setup(state);
		length = n;
		read_table();
		assert_int_equal(dmar.units_n, (n >= FIRST + 42) + (n >= FIRST + 66));
	}
}

static void test_hostile_bytes(void **state)
{
	static const uint8_t values[] = {0, 1, 2, 3, 4, 5, 6, 7, 15, 16, 0x7f, 0xff};
	uint32_t whole = length;
	uint16_t source;

	for (uint32_t at = 36; at < whole; at++)
		for (uint32_t i = 0; i < sizeof(values); i++) {
			setup(state);
			table[at] = values[i];
			read_table();
			assert_in_range(dmar.units_n, 0, DMAR_UNITS);
			(void)dmar_unit_of(0x0400);
			(void)dmar_ioapic(9, &source);
		}
}

static void test_many(void **state)
{
	(void)state;
	length = FIRST;
	for (uint32_t i = 0; i < 20; i++) {
		add("\0\0\170\0\1\0\0\0\0\0\331\376\0\0\0\0", 16);
		for (uint32_t k = 0; k < 13; k++)
			add("\1\10\0\0\0\0\2\0", 8);
	}
	read_table();
	assert_int_equal(dmar.units_n, DMAR_UNITS);
	assert_int_equal(dmar.scopes_n, DMAR_SCOPES);
	assert_non_null(strstr(host_said, "a scope of unit 4 is left out"));
	assert_non_null(strstr(host_said, "the unit at 0xfed90000 is left out"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_reads_all, setup),
	        cmocka_unit_test_setup(test_listed_only, setup),
	        cmocka_unit_test_setup(test_bad_bridges, setup),
	        cmocka_unit_test_setup(test_segment, setup),
	        cmocka_unit_test_setup(test_cut, setup),
	        cmocka_unit_test_setup(test_hostile_bytes, setup),
	        cmocka_unit_test_setup(test_many, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * executive/x86_64/acpi.c against tables that are right, damaged, and hostile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/boot.h"
#include "tests/unit/platform_host.h"

#define RSDP 0x1000u
#define XSDT 0x2000u
#define MADT 0x3000u
#define MCFG 0x4000u
#define FADT 0x5000u
#define DSDT 0x6000u

static void put32(uint32_t at, uint32_t v)
{
	memcpy(host_memory + at, &v, 4);
}

static void seal(uint32_t at, uint32_t n, uint32_t sum_at)
{
	uint8_t sum = 0;

	host_memory[at + sum_at] = 0;
	for (uint32_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + host_memory[at + i]);
	host_memory[at + sum_at] = (uint8_t)-sum;
}

static void seal_table(uint32_t at, const char *name, uint32_t n)
{
	memcpy(host_memory + at, name, 4);
	put32(at + 4, n);
	seal(at, n, 9);
}

static void put(uint32_t at, const char *bytes, uint32_t n)
{
	memcpy(host_memory + at, bytes, n);
}

static int setup(void **state)
{
	(void)state;
	memset(&acpi, 0, sizeof(acpi));
	host_reset();
	put(RSDP, "RSD PTR ", 8);
	host_memory[RSDP + 15] = 2;
	put32(RSDP + 16, 0);
	put32(RSDP + 20, 36);
	put32(RSDP + 24, XSDT);
	seal(RSDP, 20, 8);
	seal(RSDP, 36, 32);
	put32(XSDT + 36, MADT);
	put32(XSDT + 44, MCFG);
	put32(XSDT + 52, FADT);
	seal_table(XSDT, "XSDT", 60);
	/* Cores 7 (this one), 3 and 5; 4 waits to be plugged in; I/O APIC; ISA 4 at 20, level low.
	 */
	put(MADT + 44, "\0\10\0\3\1\0\0\0\0\10\1\7\1\0\0\0\0\10\2\4\0\0\0\0", 24);
	put(MADT + 68, "\11\20\0\0\5\0\0\0\1\0\0\0\0\0\0\0", 16);
	put(MADT + 84, "\1\14\0\0\0\0\300\376\20\0\0\0\2\12\0\4\24\0\0\0\17\0", 22);
	seal_table(MADT, "APIC", 106);
	put32(MCFG + 44, 0xb0000000u);
	host_memory[MCFG + 55] = 255;
	seal_table(MCFG, "MCFG", 60);
	put32(FADT + 40, DSDT);
	put32(FADT + 64, 0x604);
	put32(FADT + 76, 0x608);
	put32(FADT + 112, 1u << 10);
	host_memory[FADT + 116] = 1;
	put32(FADT + 120, 0xcf9);
	host_memory[FADT + 128] = 0xf;
	seal_table(FADT, "FACP", 129);
	put(DSDT + 40, "\10_S5_\22\6\4\12\5\0\0\0", 13);
	seal_table(DSDT, "DSDT", 60);
	return 0;
}

static void test_reads_all(void **state)
{
	(void)state;
	acpi_read(RSDP);
	assert_string_equal(host_said, "");
	assert_int_equal(acpi.cores, 3);
	assert_int_equal(acpi.core_id[0], 7);
	assert_int_equal(acpi.core_id[1], 3);
	assert_int_equal(acpi.core_id[2], 5);
	assert_int_equal(acpi.ioapic, 0xfec00000u);
	assert_int_equal(acpi.ioapic_gsi, 16);
	assert_int_equal(acpi.ioapics_n, 1);
	assert_int_equal(acpi.ioapics[0], 0xfec00000u);
	assert_int_equal(acpi.uart_gsi, 20);
	assert_int_equal(acpi.uart_flags, 15);
	assert_int_equal(acpi.ecam, 0xb0000000u);
	assert_int_equal(acpi.ecam_buses, 255);
	assert_int_equal(acpi.pm_control, 0x604);
	assert_int_equal(acpi.pm_timer, 0x608);
	assert_true(acpi.s5_known);
	assert_int_equal(acpi.s5_type, 5);
	assert_int_equal(acpi.reset_space, 1);
	assert_int_equal(acpi.reset_address, 0xcf9);
	assert_int_equal(acpi.reset_value, 0xf);
}

static void test_no_pointer(void **state)
{
	(void)state;
	acpi_read(0);
	assert_int_equal(acpi.cores, 0);
	assert_int_equal(acpi.uart_gsi, 4);
	assert_int_equal(acpi.reset_space, 0xff);
	assert_non_null(strstr(host_said, "no tables; one core"));
}

static void test_bad_sum(void **state)
{
	(void)state;
	host_memory[MADT + 50] ^= 1;
	acpi_read(RSDP);
	assert_int_equal(acpi.cores, 0);
	assert_int_equal(acpi.ecam, 0xb0000000u); /* the others count */
	assert_non_null(strstr(host_said, "bad table at 0x3000"));
}

static void test_bad_lengths(void **state)
{
	static const uint32_t lengths[] = {0, 35, 0x100001, UINT32_MAX};

	for (uint32_t i = 0; i < 4; i++) {
		setup(state);
		put32(XSDT + 4, lengths[i]);
		acpi_read(RSDP);
		assert_int_equal(acpi.cores, 0);
	}
}

/* Every byte of the interrupt list in turn gets every extreme value; nothing is read outside. */
static void test_hostile_madt(void **state)
{
	static const uint8_t values[] = {0, 1, 2, 9, 0x7f, 0xff};

	for (uint32_t at = 44; at < 106; at++)
		for (uint32_t i = 0; i < sizeof(values); i++) {
			setup(state);
			host_memory[MADT + at] = values[i];
			seal_table(MADT, "APIC", 106);
			acpi_read(RSDP);
			assert_in_range(acpi.cores, 1, MX_CORES_MAX);
		}
}

/* A table that ends within an entry: that entry does not count. */
static void test_cut_madt(void **state)
{
	(void)state;
	seal_table(MADT, "APIC", 83);
	acpi_read(RSDP);
	assert_int_equal(acpi.cores, 2);
}

static void test_many_cores(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 40; i++)
		put(MADT + 44 + i * 8, (char[]){0, 8, 0, (char)(i + 10), 1, 0, 0, 0}, 8);
	seal_table(MADT, "APIC", 44 + 40 * 8);
	acpi_read(RSDP);
	assert_int_equal(acpi.cores, MX_CORES_MAX);
	assert_non_null(strstr(host_said, "left out: more than 16"));
}

/* The first routes; all that there is room for are known. */
static void test_many_ioapics(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 20; i++)
		put(MADT + 44 + i * 12,
		    (char[]){1, 12, (char)i, 0, 0, (char)(i * 16), 0, 1, (char)(i * 8), 0, 0, 0},
		    12);
	seal_table(MADT, "APIC", 44 + 20 * 12);
	acpi_read(RSDP);
	assert_int_equal(acpi.ioapic, 0x01000000u);
	assert_int_equal(acpi.ioapic_gsi, 0);
	assert_int_equal(acpi.ioapics_n, IOAPICS);
	assert_int_equal(acpi.ioapics[15], 0x0100f000u);
	assert_non_null(strstr(host_said, "I/O APIC 16 left as it is"));
}

/* The package at the very end of the DSDT must not be followed outside. */
static void test_s5_at_the_end(void **state)
{
	(void)state;
	for (uint32_t n = 41; n < 60; n++) {
		setup(state);
		seal_table(DSDT, "DSDT", n);
		acpi_read(RSDP);
		assert_true(!acpi.s5_known || n >= 53);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_reads_all, setup),
	        cmocka_unit_test_setup(test_no_pointer, setup),
	        cmocka_unit_test_setup(test_bad_sum, setup),
	        cmocka_unit_test_setup(test_bad_lengths, setup),
	        cmocka_unit_test_setup(test_hostile_madt, setup),
	        cmocka_unit_test_setup(test_cut_madt, setup),
	        cmocka_unit_test_setup(test_many_cores, setup),
	        cmocka_unit_test_setup(test_many_ioapics, setup),
	        cmocka_unit_test_setup(test_s5_at_the_end, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

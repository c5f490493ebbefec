/*
 * executive/x86_64/reach.c against a model of the hardware: whatever a device could address is
 * walked as VT-d 3.4, 3.7 and 9.8 say, and must come to what it may have, and to nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "executive/arch.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/iommu.h"
#include "executive/x86_64/vtd.h"
#include "tests/unit/platform_host.h"

#define PAGES (HOST_MEMORY / MX_PAGE)
#define DMA   0xb00000ull /* where DMA memory of domains is taken, and the tables for it */

enum { FREE, TABLE, POOL0, POOL1, FROZEN, DMA_A, DMA_B };

struct iommu iommu;
static uint8_t owners[PAGES];               /* of memory */
static uint8_t reads[PAGES], writes[PAGES]; /* by the device that was walked; its bus addresses */
static uint64_t bus_of[PAGES];
static uint64_t next_table;
static uint32_t flushes;
static uint32_t tables_at; /* of the next DMA memory */

void iommu_wrote(const void *at, uint32_t bytes)
{
	assert_true((const uint8_t *)at >= host_memory);
	assert_true((const uint8_t *)at + bytes <= host_memory + HOST_MEMORY);
}

bool unit_flush(const struct unit *u)
{
	assert_non_null(u);
	flushes++;
	return true;
}

uint64_t memory_take(uint64_t bytes)
{
	assert_int_equal(bytes, MX_PAGE);
	owners[next_table / MX_PAGE] = TABLE;
	next_table += MX_PAGE;
	return next_table - MX_PAGE;
}

uint64_t memory_page(uint32_t owner)
{
	assert_true(owner < machine.cores);
	return memory_take(MX_PAGE);
}

static void pool(uint32_t i, uint32_t first, uint32_t count, uint64_t at, uint8_t owner)
{
	machine.pools[i] = (struct mx_pool){first, count, at};
	memset(owners + at / MX_PAGE, owner, count);
}

/* Two cores; devices 0 and 1 behind a unit, 2 behind none. The pools begin anywhere. */
static void begin(bool large, uint64_t levels)
{
	host_reset();
	memset(owners, FREE, sizeof(owners));
	machine.cores = 2;
	machine.devices_n = 3;
	next_table = 0xa80000;
	tables_at = DMA;
	flushes = 0;
	self = 0;
	for (uint32_t i = 0; i < 3; i++)
		machine.devices[i].info.address = (uint16_t)(0x0108 + i * 0x100);
	iommu = (struct iommu){.large = large, .units_n = 1, .unit_of = {0, 0, DMAR_NONE}};
	iommu.units[0] = (struct unit){.base = 1, .cap = levels};
	pool(0, 0, 1100, 0x1ff000, POOL0);
	pool(1, 1100, 600, 0x700000, POOL1);
	pool(2, 2048, 100, 0xa01000, FROZEN);
	reach_prepare();
	reach_pools();
}

static int setup(void **state)
{
	(void)state;
	begin(true, CAP_3_LEVELS | CAP_4_LEVELS);
	return 0;
}

static void found(uint64_t bus, uint64_t at, uint64_t size, uint64_t rights)
{
	for (uint64_t off = 0; off < size; off += MX_PAGE) {
		uint64_t page = (at + off) / MX_PAGE;

		assert_true(page < PAGES);
		assert_false(reads[page]); /* nothing is seen twice */
		reads[page] = rights & VTD_READ;
		writes[page] = (rights & VTD_WRITE) != 0;
		bus_of[page] = bus + off;
	}
}

static void walk_table(uint64_t table, uint32_t level, uint64_t bus, uint64_t rights)
{
	const uint64_t *t = direct(table);

	assert_int_equal(owners[table / MX_PAGE], TABLE);
	for (uint64_t i = 0; i < 512; i++) {
		uint64_t to = bus | i << (3 + 9 * level), r = rights & t[i];

		if (!(t[i] & (VTD_READ | VTD_WRITE)))
			continue;
		/* 9.8: what else may be set here */
		assert_false(t[i] & 0xfff0000000000f7cull);
		assert_true(!(t[i] & VTD_LARGE) || (level == 2 && iommu.large));
		if (level == 1)
			found(to, t[i] & ~0xfffull, MX_PAGE, r);
		else if (t[i] & VTD_LARGE)
			found(to, t[i] & ~0x1fffffull, 2u << 20, r);
		else
			walk_table(t[i] & ~0xfffull, level - 1, to, r);
	}
}

/* False: blocked altogether. */
static bool walk(uint32_t device)
{
	uint16_t address = machine.devices[device].info.address;
	const uint64_t *root = direct(reach_root()), *context;

	memset(reads, 0, sizeof(reads));
	memset(writes, 0, sizeof(writes));
	memset(bus_of, 0, sizeof(bus_of));
	if (!(root[(address >> 8) * 2] & VTD_PRESENT))
		return false;
	context = direct(root[(address >> 8) * 2] & ~0xfffull);
	context += (address & 0xff) * 2;
	if (!(context[0] & VTD_PRESENT))
		return false;
	assert_int_equal(context[0] & 0xffe, 0); /* no pass-through */
	assert_int_equal(context[1] >> 8, device + 1);
	assert_true(context[1] & 7 ? iommu.units[0].cap & (CAP_3_LEVELS << ((context[1] & 7) - 1))
	                           : false);
	walk_table(context[0] & ~0xfffull, 2 + (context[1] & 7), 0, VTD_READ | VTD_WRITE);
	return true;
}

/* What it reads is in the first set of owners, what it writes in the second; of these all. */
static void expect(uint32_t read_set, uint32_t write_set)
{
	for (uint32_t i = 0; i < PAGES; i++) {
		assert_int_equal(reads[i], read_set >> owners[i] & 1);
		assert_int_equal(writes[i], write_set >> owners[i] & 1);
	}
}

#define SET(x)  (1u << (x))
#define PACKETS (SET(POOL0) | SET(POOL1) | SET(FROZEN))

/* DMA memory and its tables; the bus address of the memory. */
static uint64_t fill(const struct device *d, uint32_t domain, uint32_t pages, uint8_t owner,
                     uint64_t *tables, uint64_t *at)
{
	uint32_t n = arch_reach_pages(d, pages);

	*tables = tables_at;
	memset(owners + *tables / MX_PAGE, TABLE, n);
	*at = *tables + (uint64_t)n * MX_PAGE;
	memset(owners + *at / MX_PAGE, owner, pages);
	tables_at = (uint32_t)*at + (pages + 3) * MX_PAGE;
	return arch_reach_fill(d, domain, *tables, *at, pages);
}

static void test_blocked_at_first(void **state)
{
	uint64_t tables, at;

	(void)state;
	for (uint32_t i = 0; i < 2; i++)
		assert_false(walk(i));
	(void)fill(&machine.devices[0], 3, 5, DMA_A, &tables, &at);
	assert_false(walk(0));
}

static void one_owner(uint32_t core)
{
	const struct device *d = &machine.devices[0];
	uint64_t tables, at, bus;

	self = core;
	bus = fill(d, 63, 5, DMA_A, &tables, &at);
	assert_true(arch_reach_open(d, 63, tables, 1, true));
	assert_int_equal(flushes, 1);
	assert_true(walk(0));
	expect(PACKETS | SET(DMA_A), SET(core ? POOL1 : POOL0) | SET(DMA_A));
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(bus_of[at / MX_PAGE + i], bus + i * MX_PAGE);
	for (uint32_t p = 0; p < 3; p++)
		for (uint32_t i = 0; i < machine.pools[p].count; i++)
			assert_int_equal(bus_of[machine.pools[p].dma / MX_PAGE + i],
			                 arch_reach_pool(d, p) + i * (uint64_t)MX_PAGE);
	assert_false(walk(1));
	assert_true(arch_reach_close(d, self, 63, SET(self), true));
	assert_int_equal(flushes, 2);
	assert_false(walk(0));
}

static void test_owner(void **state)
{
	for (uint32_t core = 0; core < 2; core++) {
		setup(state);
		one_owner(core);
	}
}

static void test_small_pages(void **state)
{
	(void)state;
	begin(false, CAP_3_LEVELS);
	one_owner(1);
}

static void test_four_levels(void **state)
{
	(void)state;
	begin(true, CAP_4_LEVELS);
	one_owner(1);
}

/* Large pages where they fit: no more tables than these. */
static void test_few_tables(void **state)
{
	uint32_t n = 0;

	(void)state;
	for (uint32_t i = 0; i < PAGES; i++)
		n += owners[i] == TABLE;
	/* Root, pools, 2 contexts, 2 reaches with 2 cores each, 3 directories, 2 + 2 + 1 leaves. */
	assert_int_equal(n, 1 + 1 + 2 + 2 * 3 + 3 + 5);
}

/* A driver of a second pair on the other core: both pools, both memories, gone one by one. */
static void test_follower(void **state)
{
	const struct device *d = &machine.devices[1];
	uint64_t tables[2], at;

	(void)state;
	(void)fill(d, 1, 600, DMA_A, &tables[0], &at);
	assert_true(arch_reach_open(d, 1, tables[0], 2, true));
	self = 1;
	(void)fill(d, 1, 3, DMA_B, &tables[1], &at);
	assert_true(arch_reach_open(d, 1, tables[1], 1, false));
	assert_true(walk(1));
	expect(PACKETS | SET(DMA_A) | SET(DMA_B),
	       SET(POOL0) | SET(POOL1) | SET(DMA_A) | SET(DMA_B));
	assert_true(arch_reach_close(d, self, 1, SET(self), false));
	assert_true(walk(1));
	expect(PACKETS | SET(DMA_A), SET(POOL0) | SET(DMA_A));
	self = 0;
	assert_true(arch_reach_close(d, self, 1, SET(self), true));
	assert_false(walk(1));
}

/* Nothing of one device's rings is in another's reach, on the same core or not. */
static void test_two_devices(void **state)
{
	uint64_t tables, at, bus[2];

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		bus[i] = fill(&machine.devices[i], 5 + i, 9, i ? DMA_B : DMA_A, &tables, &at);
		assert_true(arch_reach_open(&machine.devices[i], 5 + i, tables, 1, true));
	}
	assert_int_not_equal(bus[0], bus[1]);
	assert_true(walk(0));
	expect(PACKETS | SET(DMA_A), SET(POOL0) | SET(DMA_A));
	assert_true(walk(1));
	expect(PACKETS | SET(DMA_B), SET(POOL0) | SET(DMA_B));
	assert_true(arch_reach_close(&machine.devices[0], self, 5, SET(self), true));
	assert_false(walk(0));
	assert_true(walk(1));
	expect(PACKETS | SET(DMA_B), SET(POOL0) | SET(DMA_B));
}

/* A successor finds nothing of its predecessor's, whatever index it has. */
static void test_successor(void **state)
{
	const struct device *d = &machine.devices[0];
	uint64_t tables, at;

	(void)state;
	(void)fill(d, 7, 1200, FREE, &tables, &at);
	assert_true(arch_reach_open(d, 7, tables, 3, true));
	assert_true(arch_reach_close(d, self, 7, SET(self), true));
	for (uint32_t domain = 7; domain < 9; domain++) {
		(void)fill(d, domain, 2, DMA_A, &tables, &at);
		assert_true(arch_reach_open(d, domain, tables, 1, true));
		assert_true(walk(0));
		expect(PACKETS | SET(DMA_A), SET(POOL0) | SET(DMA_A));
		assert_true(arch_reach_close(d, self, domain, SET(self), true));
		memset(owners + at / MX_PAGE, FREE, 2);
	}
}

/* Without a unit: addresses are those of memory, and there is nothing to do. */
static void test_unlimited(void **state)
{
	const struct device *d = &machine.devices[2];

	(void)state;
	assert_false(arch_reach_limited(d));
	assert_int_equal(arch_reach_pages(d, 100), 0);
	assert_int_equal(arch_reach_pages(NULL, 100), 0);
	assert_int_equal(arch_reach_fill(d, 1, 0, 0x5000, 3), 0x5000);
	assert_int_equal(arch_reach_pool(d, 1), machine.pools[1].dma);
	assert_int_equal(arch_reach_pool(NULL, 0), machine.pools[0].dma);
	assert_true(arch_reach_open(d, 1, 0, 0, true));
	assert_true(arch_reach_close(d, self, 1, SET(self), true));
	assert_int_equal(flushes, 0);
	assert_false(walk(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_blocked_at_first, setup),
	        cmocka_unit_test_setup(test_owner, setup),
	        cmocka_unit_test(test_small_pages),
	        cmocka_unit_test(test_four_levels),
	        cmocka_unit_test_setup(test_few_tables, setup),
	        cmocka_unit_test_setup(test_follower, setup),
	        cmocka_unit_test_setup(test_two_devices, setup),
	        cmocka_unit_test_setup(test_successor, setup),
	        cmocka_unit_test_setup(test_unlimited, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

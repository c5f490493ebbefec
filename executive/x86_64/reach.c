/*
 * What a device can reach: see iommu.h. VT-d 3.4 (root and context), 3.7 (the tables), 9.8.
 *
 * A device without an owner has no context: all it sends is blocked. With one it reads all frames,
 * frozen ones too, writes those of the pools its drivers take frames from, and reads and writes the
 * DMA memory of its drivers. Rights count along the whole way: the pools' tables, which all devices
 * have in common, say what may be had at most, the device's own entry of 1 GiB says what it may.
 */
#include <string.h>
#include "executive/arch.h"
#include "executive/domain.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/iommu.h"
#include "executive/x86_64/vtd.h"

/*
 * Entries of 1 GiB. The first four stay empty: addresses in the range of interrupts, 0xfee00000 to
 * 0xfeefffff, are never translated (3.14), and 0 is nobody's address.
 */
#define TOP_POOL   4u
#define TOP_FROZEN (TOP_POOL + MX_CORES_MAX) /* the bundle lies below 4 GiB: 5 entries at most */
#define TOP_DMA    32u
_Static_assert(TOP_FROZEN + 5 <= TOP_DMA && TOP_DMA + MX_CORES_MAX <= 64, "36 bits of address");

#define TOP_SHIFT   30u
#define LARGE_BYTES (2ull << 20)
#define LARGE_SHIFT 21u
#define ADDRESS     0x000ffffffffff000ull
#define ENTRIES     512u
/* Of 2 MiB each, for one domain's DMA memory. */
#define DMA_ENTRIES (((uint64_t)DMA_MAX * MX_PAGE + LARGE_BYTES - 1) / LARGE_BYTES)
_Static_assert(DOMAINS *DMA_ENTRIES <= ENTRIES, "a core's domains share an entry of 1 GiB");

static uint64_t root;  /* the root table */
static uint64_t pools; /* a table of 1 GiB entries: all pools, with all rights */
static uint64_t pool_bus[MX_POOLS];
static uint64_t tops[MX_DEVICES];  /* a device's reach; 0: it has none */
static uint64_t first[MX_DEVICES]; /* where the unit begins: there, or a level above */

uint64_t reach_root(void)
{
	return root;
}

static uint64_t *top_entry(const struct device *d, uint32_t i)
{
	return (uint64_t *)direct(tops[d - machine.devices]) + i;
}

static void put(uint64_t *entry, uint64_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
	iommu_wrote(entry, sizeof *entry);
}

/* The context of a device, two words; the table of its bus is made when there is none. */
static uint64_t *context(uint16_t address)
{
	uint64_t *bus = (uint64_t *)direct(root) + (address >> 8) * 2u;

	if (!(*bus & VTD_PRESENT))
		put(bus, memory_take(MX_PAGE) | VTD_PRESENT);
	return (uint64_t *)direct(*bus & ADDRESS) + (address & 0xffu) * 2u;
}

static void prepare(uint32_t i)
{
	uint64_t top = memory_take(MX_PAGE), above;

	tops[i] = first[i] = top;
	for (uint32_t core = 0; core < machine.cores; core++)
		put((uint64_t *)direct(top) + TOP_DMA + core,
		    memory_take(MX_PAGE) | VTD_READ | VTD_WRITE);
	(void)context(machine.devices[i].info.address);
	if (iommu.units[iommu.unit_of[i]].cap & CAP_3_LEVELS)
		return;
	above = memory_take(MX_PAGE);
	put(direct(above), top | VTD_READ | VTD_WRITE);
	first[i] = above;
}

void reach_prepare(void)
{
	root = memory_take(MX_PAGE);
	pools = memory_take(MX_PAGE);
	for (uint32_t i = 0; i < machine.devices_n; i++)
		if (iommu.unit_of[i] != DMAR_NONE)
			prepare(i);
}

/* The entry for an address at a level (1: 4 KiB, 2: 2 MiB), with the tables above it. */
static uint64_t *pool_entry(uint64_t bus, uint32_t level, uint32_t owner)
{
	uint64_t *t = direct(pools);

	for (uint32_t l = 3;; l--) {
		uint64_t *e = &t[bus >> (3 + 9 * l) & (ENTRIES - 1)];

		if (l == level)
			return e;
		if (!*e)
			put(e, memory_page(owner) | VTD_READ | VTD_WRITE);
		t = direct(*e & ADDRESS);
	}
}

static void map_pool(const struct mx_pool *p, uint64_t bus, uint64_t rights, uint32_t owner)
{
	uint64_t size = (uint64_t)p->count * MX_PAGE, step;

	for (uint64_t at = 0; at < size; at += step) {
		bool large = iommu.large && !((bus + at) % LARGE_BYTES) && size - at >= LARGE_BYTES;

		step = large ? LARGE_BYTES : MX_PAGE;
		put(pool_entry(bus + at, large ? 2 : 1, owner),
		    (p->dma + at) | rights | (large ? VTD_LARGE : 0));
	}
}

/* On the bus a pool stands at the same place of 2 MiB as in memory, for large pages. */
void reach_pools(void)
{
	for (uint32_t i = 0; i <= machine.cores; i++) {
		bool frozen = i == machine.cores;
		const struct mx_pool *p = &machine.pools[i];

		pool_bus[i] = (uint64_t)(frozen ? TOP_FROZEN : TOP_POOL + i) << TOP_SHIFT |
		              p->dma % LARGE_BYTES;
		map_pool(p, pool_bus[i], VTD_READ | (frozen ? 0 : VTD_WRITE), frozen ? 0 : i);
	}
	for (uint32_t i = 0; i < machine.devices_n; i++)
		for (uint32_t k = TOP_POOL; tops[i] && k < TOP_DMA; k++)
			put(top_entry(&machine.devices[i], k),
			    ((uint64_t *)direct(pools))[k] & ~VTD_WRITE);
}

/* --- asked by the neutral executive --- */

bool arch_reach_limited(const struct device *d)
{
	return tops[d - machine.devices] != 0;
}

uint64_t arch_reach_pool(const struct device *d, uint32_t pool)
{
	return d && arch_reach_limited(d) ? pool_bus[pool] : machine.pools[pool].dma;
}

uint32_t arch_reach_pages(const struct device *d, uint32_t dma)
{
	return d && arch_reach_limited(d) ? (dma + ENTRIES - 1) / ENTRIES : 0;
}

uint64_t arch_reach_fill(const struct device *d, uint32_t domain, uint64_t tables, uint64_t dma,
                         uint32_t pages)
{
	uint64_t *entries = direct(tables);

	if (!d || !arch_reach_limited(d))
		return dma;
	for (uint32_t i = 0; i < pages; i++)
		put(&entries[i], (dma + (uint64_t)i * MX_PAGE) | VTD_READ | VTD_WRITE);
	return (uint64_t)(TOP_DMA + self) << TOP_SHIFT | domain * DMA_ENTRIES << LARGE_SHIFT;
}

/* The entries of 2 MiB where the DMA memory of a domain that was made on `core` appears. */
static uint64_t *dma_entries(const struct device *d, uint32_t core, uint32_t domain)
{
	uint64_t *directory = direct(*top_entry(d, TOP_DMA + core) & ADDRESS);

	return directory + domain * DMA_ENTRIES;
}

bool arch_reach_open(const struct device *d, uint32_t domain, uint64_t tables, uint32_t tables_n,
                     bool owner)
{
	uint64_t *pool, *entries, *c;
	uint32_t i = (uint32_t)(d - machine.devices);

	if (!arch_reach_limited(d))
		return true;
	pool = top_entry(d, TOP_POOL + self);
	entries = dma_entries(d, self, domain);
	c = context(d->info.address);
	put(pool, *pool | VTD_WRITE);
	for (uint32_t k = 0; k < tables_n; k++)
		put(&entries[k], (tables + (uint64_t)k * MX_PAGE) | VTD_READ | VTD_WRITE);
	if (owner) {
		/* 9.3: the number tells its translations from others'; 0 is never used (6.1) */
		put(&c[1], CONTEXT_DOMAIN(i + 1) |
		                   (first[i] == tops[i] ? CONTEXT_3_LEVELS : CONTEXT_4_LEVELS));
		put(&c[0], first[i] | VTD_PRESENT);
	}
	return unit_flush(iommu_unit(d));
}

/* The frames it had elsewhere it still has. */
bool arch_reach_arrive(const struct device *d)
{
	uint64_t *pool;

	if (!arch_reach_limited(d))
		return true;
	pool = top_entry(d, TOP_POOL + self);
	put(pool, *pool | VTD_WRITE);
	return unit_flush(iommu_unit(d));
}

bool arch_reach_close(const struct device *d, uint32_t core, uint32_t domain, uint32_t used,
                      bool owner)
{
	uint64_t *entries;

	if (!arch_reach_limited(d))
		return true;
	entries = dma_entries(d, core, domain);
	if (owner)
		put(context(d->info.address), 0);
	for (; used; used &= used - 1) {
		uint64_t *pool = top_entry(d, TOP_POOL + (uint32_t)__builtin_ctz(used));

		put(pool, *pool & ~VTD_WRITE);
	}
	for (uint32_t k = 0; k < DMA_ENTRIES; k++)
		put(&entries[k], 0);
	return unit_flush(iommu_unit(d));
}

/* Whatever it could reach, by any of its drivers. */
bool arch_reach_drop(const struct device *d)
{
	if (!arch_reach_limited(d))
		return true;
	put(context(d->info.address), 0);
	for (uint32_t core = 0; core < machine.cores; core++) {
		uint64_t *pool = top_entry(d, TOP_POOL + core);
		uint64_t *directory = direct(*top_entry(d, TOP_DMA + core) & ADDRESS);

		put(pool, *pool & ~VTD_WRITE);
		for (uint32_t i = 0; i < ENTRIES; i++)
			if (directory[i])
				put(&directory[i], 0);
	}
	return unit_flush(iommu_unit(d));
}

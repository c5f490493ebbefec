/*
 * The executive's page tables: the boot tables' high memory, and for each core its own upper half.
 *
 * A core's space holds the image (text RX and rodata R shared, data its private copy, the one
 * shared page of lock.c), its stack above a guard page, the interrupt controllers, and the direct
 * map of all RAM but the image. Nothing is both writable and executable, which tables_cores proves.
 * Accessed and Dirty are set beforehand: nobody, not even the processor, writes these tables later.
 */
#include <string.h>
#include "executive/arch.h"
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/cpu.h"
#include "executive/x86_64/layout.h"

#define P           0x1ull
#define W           0x2ull
#define U           0x4ull
#define UNCACHED    0x18ull /* PWT, PCD */
#define COMBINED    0x08ull /* PWT alone: what cpu.c has put there in the PAT */
#define ACCESSED    0x20ull
#define DIRTY       0x40ull
#define LARGE       0x80ull
#define GLOBAL      0x100ull
#define NX          (1ull << 63)
#define ADDRESS     0x000ffffffffff000ull
#define LARGE_BYTES (2ull << 20)
#define LEAF        (P | ACCESSED | DIRTY | GLOBAL)

extern char text_start[], rodata_start[], shared_start[], data_start[], image_end[];

uint64_t core_space;
static uint64_t roots[MX_CORES_MAX];

void *direct(uint64_t phys)
{
	return (void *)(uintptr_t)(DIRECT + phys);
}

uint64_t tables_root(uint32_t core)
{
	return roots[core];
}

/* The entry for an address at a level (1: 4 KiB, 2: 2 MiB); makes the tables above it. */
static uint64_t *entry(uint64_t root, uint64_t address, uint32_t level, uint32_t owner)
{
	uint64_t *t = direct(root);

	for (uint32_t l = 4;; l--) {
		uint64_t *e = &t[address >> (3 + 9 * l) & 511];

		if (l == level)
			return e;
		if (!(*e & P))
			*e = memory_page(owner) | P | W | ACCESSED;
		t = direct(*e & ADDRESS);
	}
}

static void map(uint64_t root, uint64_t address, uint64_t phys, uint64_t size, uint64_t flags,
                uint32_t owner)
{
	while (size) {
		bool large = ((address | phys) & (LARGE_BYTES - 1)) == 0 && size >= LARGE_BYTES;
		uint64_t step = large ? LARGE_BYTES : MX_PAGE;

		*entry(root, address, large ? 2 : 1, owner) =
		        phys | flags | LEAF | (large ? LARGE : 0);
		address += step;
		phys += step;
		size -= step;
	}
}

void tables_high_memory(void)
{
	for (uint32_t i = 0; i < ram_n; i++) {
		uint64_t base = ram[i].base, end = base + ram[i].size;

		if (base < 1ull << 32)
			base = 1ull << 32;
		if (base < end)
			map(read_cr3() & ADDRESS, DIRECT + base, base, end - base, W | NX, BOOT);
	}
}

static void map_screen(uint64_t root, uint32_t owner)
{
	const struct range *f = &machine.framebuffer;

	map(root, CORE_SCREEN, f->base, f->size, W | NX | COMBINED, owner);
}

void tables_screen(void)
{
	map_screen(read_cr3() & ADDRESS, BOOT);
}

static uint64_t image_phys(const char *symbol)
{
	return (uint64_t)(uintptr_t)symbol - IMAGE_BASE;
}

static void map_image(uint32_t core)
{
	uint64_t root = roots[core], at = (uint64_t)(uintptr_t)data_start;

	map(root, (uint64_t)(uintptr_t)text_start, image_phys(text_start),
	    (uint64_t)(rodata_start - text_start), 0, core);
	map(root, (uint64_t)(uintptr_t)rodata_start, image_phys(rodata_start),
	    (uint64_t)(shared_start - rodata_start), NX, core);
	map(root, (uint64_t)(uintptr_t)shared_start, image_phys(shared_start), MX_PAGE, W | NX,
	    core);
	for (; at < (uint64_t)(uintptr_t)image_end; at += MX_PAGE)
		map(root, at, memory_page(core), MX_PAGE, W | NX, core);
}

/* All RAM but the executive's image. */
static void map_direct(uint32_t core)
{
	uint64_t from = IMAGE_PHYS, to = image_phys(image_end);

	for (uint32_t i = 0; i < ram_n; i++) {
		uint64_t base = ram[i].base, end = base + ram[i].size;

		if (base < to && from < end) {
			if (base < from)
				map(roots[core], DIRECT + base, base, from - base, W | NX, core);
			base = to;
		}
		if (base < end)
			map(roots[core], DIRECT + base, base, end - base, W | NX, core);
	}
}

static void map_core_area(uint32_t core)
{
	uint64_t root = roots[core], bottom = CORE_STACK_TOP - CORE_STACK_PAGES * MX_PAGE;

	for (uint64_t at = bottom; at < CORE_STACK_TOP; at += MX_PAGE)
		map(root, at, memory_page(core), MX_PAGE, W | NX, core);
	map(root, CORE_LAPIC, apic_physical(), MX_PAGE, W | NX | UNCACHED, core);
	if (acpi.ioapic)
		map(root, CORE_IOAPIC, acpi.ioapic & ADDRESS, MX_PAGE, W | NX | UNCACHED, core);
	map_screen(root, core);
	(void)entry(root, CORE_WINDOW, 1, core); /* its table exists; mmio fills the entry */
}

/* W^X, and nothing that ring 3 could reach. */
static void prove(uint64_t table, uint32_t level)
{
	const uint64_t *t = direct(table);

	for (uint32_t i = 0; i < 512; i++) {
		if (!(t[i] & P))
			continue;
		check(!(t[i] & U));
		if (level > 1 && !(t[i] & LARGE))
			prove(t[i] & ADDRESS, level - 1);
		else
			check(!(t[i] & W) || t[i] & NX);
	}
}

void tables_cores(void)
{
	for (uint32_t c = 0; c < machine.cores; c++) {
		roots[c] = memory_page(c);
		map_image(c);
		map_direct(c);
		map_core_area(c);
		prove(roots[c], 4);
	}
}

/* A variable in a core's copy of the data. */
static void *in_copy(uint32_t core, const void *variable)
{
	uint64_t at = (uint64_t)(uintptr_t)variable;

	return (char *)direct(*entry(roots[core], at, 1, core) & ADDRESS) + at % MX_PAGE;
}

void tables_copy(void)
{
	for (uint32_t c = 0; c < machine.cores; c++) {
		for (const char *at = data_start; at < image_end; at += MX_PAGE)
			memcpy(in_copy(c, at), at, MX_PAGE);
		*(uint32_t *)in_copy(c, &self) = c;
		*(uint64_t *)in_copy(c, &core_space) = roots[c];
	}
}

volatile void *mmio(uint64_t phys)
{
	if (!core_space)
		return direct(phys);
	*entry(core_space, CORE_WINDOW, 1, self) = (phys & ADDRESS) | W | NX | UNCACHED | LEAF;
	invlpg(CORE_WINDOW);
	return (volatile char *)CORE_WINDOW + phys % MX_PAGE;
}

/*
 * The areas of a domain (executive/space.h): what stands in its page tables for life. Root and
 * window are root.c's.
 */
#include <stddef.h>
#include "executive/arch.h"
#include "executive/x86_64/pagetable.h"

uint32_t space_pages(uint32_t image, uint32_t heap, uint32_t dma, uint32_t bars, uint32_t kept,
                     bool window)
{
	/* One table of 512 GiB, one of 1 GiB for all areas; each area may cross one border more
	   than its size says; boot, stack and rings take two, config two. */
	uint64_t n = 2 + table_count(image) + 1 + table_count(heap) + 1 + table_count(dma) + 1;

	n += table_count(bars) + MX_BARS + table_count(kept) + 1 + 4;
	return (uint32_t)n + root_pages(window);
}

uint64_t space_window(const struct space *s)
{
	(void)s;
	return AT_WINDOW;
}

static uint64_t take_table(struct space *s)
{
	uint64_t t = s->tables;

	if (t == s->tables_end)
		return 0;
	s->tables += MX_PAGE;
	return t;
}

/* The entry for `address` at `level` (0: leaf), making the tables on the way if `s` may grow. */
uint64_t *pagetable_walk(struct space *s, uint64_t root, uint64_t address, int level)
{
	uint64_t at = root;

	for (int l = 3; l > level; l--) {
		uint64_t *e = (uint64_t *)direct(at) + (address >> (12 + 9 * l) & 511);

		if (!(*e & PRESENT)) {
			uint64_t t = s ? take_table(s) : 0;

			if (!t)
				return NULL;
			*e = t | PRESENT | WRITABLE | USER;
		}
		at = *e & ADDRESS;
	}
	return (uint64_t *)direct(at) + (address >> (12 + 9 * level) & 511);
}

bool space_map(struct space *s, uint64_t address, uint64_t at, uint32_t pages, uint32_t access)
{
	uint64_t bits = PRESENT | root_ring | (access & WRITE ? WRITABLE : 0) |
	                (access & EXECUTE ? 0 : NX) | (access & DEVICE ? UNCACHED : 0) |
	                (access & COMBINE ? COMBINED : 0);

	check(!(access & WRITE && access & EXECUTE));
	address += s->base;
	for (uint32_t i = 0; i < pages; i++) {
		uint64_t *e = pagetable_walk(s, s->root, address + (uint64_t)i * MX_PAGE, 0), was;

		if (!e)
			return false;
		was = *e;
		*e = (at + (uint64_t)i * MX_PAGE) | bits;
		if (was & PRESENT) /* else no core has it (SDM vol. 3, 4.10.4.3) */
			space_flush(address + (uint64_t)i * MX_PAGE);
	}
	return true;
}

void space_unmap(struct space *s, uint64_t address, uint32_t pages)
{
	address += s->base;
	for (uint32_t i = 0; i < pages; i++) {
		uint64_t *e = pagetable_walk(NULL, s->root, address + (uint64_t)i * MX_PAGE, 0);

		if (e)
			*e = 0;
		space_flush(address + (uint64_t)i * MX_PAGE);
	}
}

uint64_t space_lookup(const struct space *s, uint64_t address, uint32_t access)
{
	uint64_t *e;

	if (address >> 47)
		return 0;
	e = pagetable_walk(NULL, s->root, address, 0);
	if (!e || !(*e & PRESENT) || (access & WRITE && !(*e & WRITABLE)) || *e & UNCACHED)
		return 0;
	return (*e & ADDRESS) + (address & (MX_PAGE - 1));
}

void space_flush(uint64_t address)
{
	__asm__ volatile("invlpg (%0)" ::"r"(address) : "memory");
}

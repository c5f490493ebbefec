/* Page tables of a domain (Intel SDM vol. 3, 4.5): see executive/space.h. */
#include <string.h>
#include "executive/frame.h"
#include "executive/region.h"
#include "executive/x86_64/layout.h"

#define PRESENT  (1ull << 0)
#define WRITABLE (1ull << 1)
#define USER     (1ull << 2)
#define UNCACHED (1ull << 4 | 1ull << 3) /* PCD, PWT */
#define ACCESSED (1ull << 5)
#define NX       (1ull << 63)
#define ADDRESS  0x000ffffffffff000ull

static uint64_t own_root; /* of the executive: its lower half is empty */
static uint64_t
        frozen_tables; /* leaf tables of the frozen frames, shared: nobody can change them */

static uint64_t table_count(uint64_t entries)
{
	return (entries + 511) / 512;
}

static uint32_t frozen_first(void)
{
	return machine.pools[machine.cores].first;
}

static uint64_t read_cr3(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr3, %0" : "=r"(v));
	return v & ADDRESS;
}

uint32_t space_pages(uint32_t image, uint32_t heap, uint32_t dma, uint32_t bars, bool window)
{
	/* Root, one table of 512 GiB, one of 1 GiB for everything below the window; each area may
	   cross one border more than its size says; boot, stack and rings take two, config two. */
	uint64_t n = 3 + table_count(image) + 1 + table_count(heap) + 1 + table_count(dma) + 1;

	n += table_count(bars) + MX_BARS + 4;
	if (window)
		n += 4 + table_count(frame_total) +
		     table_count(machine.pools[machine.cores].count) / 512;
	return (uint32_t)n;
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
static uint64_t *walk(struct space *s, uint64_t root, uint64_t address, int level)
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

static void build_frozen(void)
{
	const struct mx_pool *p = &machine.pools[machine.cores];
	uint64_t *pte;

	if (frozen_tables || !p->count)
		return;
	check(p->first % 512 == 0); /* else a leaf table would hold owned frames too */
	frozen_tables = region_alloc((uint32_t)table_count(p->count), OWNER_EXECUTIVE);
	if (!frozen_tables)
		panic("core %u: no memory for the tables of the bundle", self);
	pte = direct(frozen_tables);
	for (uint32_t i = 0; i < p->count; i++)
		pte[i] = (p->dma + (uint64_t)i * MX_PAGE) | PRESENT | USER | NX | ACCESSED;
}

/* The leaf tables of owned frames lie one behind the other, so a frame's entry is found by its
 * number. */
static void create_window(struct space *s)
{
	uint64_t n = table_count(frame_total), frozen_n, leaves = s->tables;

	s->tables += n * MX_PAGE;
	s->window = direct(leaves);
	for (uint64_t i = 0; i < n; i++)
		*walk(s, s->root, AT_WINDOW + i * 512 * MX_PAGE, 1) =
		        (leaves + i * MX_PAGE) | PRESENT | WRITABLE | USER;
	build_frozen();
	frozen_n = table_count(machine.pools[machine.cores].count);
	for (uint64_t i = 0; i < frozen_n; i++)
		*walk(s, s->root, AT_WINDOW + (frozen_first() + i * 512ull) * MX_PAGE, 1) =
		        (frozen_tables + i * MX_PAGE) | PRESENT | USER;
}

void space_create(struct space *s, uint64_t tables, uint32_t pages, bool window)
{
	if (!own_root)
		own_root = read_cr3();
	*s = (struct space){.tables = tables, .tables_end = tables + (uint64_t)pages * MX_PAGE};
	s->root = take_table(s);
	/* The upper half is this core's executive, the same in every space of the core. */
	memcpy((uint64_t *)direct(s->root) + 256, (uint64_t *)direct(own_root) + 256,
	       256 * sizeof(uint64_t));
	if (window)
		create_window(s);
}

bool space_map(struct space *s, uint64_t address, uint64_t at, uint32_t pages, uint32_t access)
{
	uint64_t bits = PRESENT | USER | (access & WRITE ? WRITABLE : 0) |
	                (access & EXECUTE ? 0 : NX) | (access & DEVICE ? UNCACHED : 0);

	check(!(access & WRITE && access & EXECUTE));
	for (uint32_t i = 0; i < pages; i++) {
		uint64_t *e = walk(s, s->root, address + (uint64_t)i * MX_PAGE, 0);

		if (!e)
			return false;
		*e = (at + (uint64_t)i * MX_PAGE) | bits;
		space_flush(address + (uint64_t)i * MX_PAGE);
	}
	return true;
}

void space_unmap(struct space *s, uint64_t address, uint32_t pages)
{
	for (uint32_t i = 0; i < pages; i++) {
		uint64_t *e = walk(NULL, s->root, address + (uint64_t)i * MX_PAGE, 0);

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
	e = walk(NULL, s->root, address, 0);
	if (!e || !(*e & PRESENT) || (access & WRITE && !(*e & WRITABLE)) || *e & UNCACHED)
		return 0;
	return (*e & ADDRESS) + (address & (MX_PAGE - 1));
}

void space_frame_map(struct space *s, uint32_t frame)
{
	/* Not present -> present needs no flush (SDM vol. 3, 4.10.4.3). */
	s->window[frame] = frame_phys(frame) | PRESENT | WRITABLE | USER | NX;
}

bool space_frame_unmap(struct space *s, uint32_t frame)
{
	/* One exchange samples and clears: a translation that was never used was never cached. */
	return __atomic_exchange_n(&s->window[frame], 0, __ATOMIC_RELAXED) & ACCESSED;
}

void space_load(const struct space *s)
{
	__asm__ volatile("mov %0, %%cr3" ::"r"(s->root) : "memory");
}

void space_leave(void)
{
	if (own_root)
		__asm__ volatile("mov %0, %%cr3" ::"r"(own_root) : "memory");
}

void space_flush(uint64_t address)
{
	__asm__ volatile("invlpg (%0)" ::"r"(address) : "memory");
}

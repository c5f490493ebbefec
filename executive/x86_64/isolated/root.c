/* Every domain has tables of its own: the root, and the window of frames that come and go. */
#include <string.h>
#include "executive/domain.h"
#include "executive/frame.h"
#include "executive/region.h"
#include "executive/x86_64/cpu.h"
#include "executive/x86_64/pagetable.h"

const uint64_t root_ring = USER;

static uint64_t
        frozen_tables; /* leaf tables of the frozen frames, shared: nobody can change them */

static uint32_t frozen_first(void)
{
	return machine.pools[machine.cores].first;
}

uint32_t root_pages(bool window)
{
	uint64_t n = 1;

	if (window)
		n += 4 + table_count(frame_total) +
		     table_count(machine.pools[machine.cores].count) / 512;
	return (uint32_t)n;
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

/*
 * The entry of a frame is complete for life but for PRESENT. Accessed and Dirty are set beforehand:
 * the processor would otherwise write to the tables at the first load, and walk them a second time
 * at the first store.
 */
void space_window_fill(struct space *s, uint32_t first, uint32_t n)
{
	for (uint32_t f = first; f < first + n; f++)
		s->window[f] = frame_phys(f) | WRITABLE | USER | NX | ACCESSED | DIRTY;
}

/* The leaf tables of owned frames lie one behind the other, so a frame's entry is found by its
 * number. */
static void create_window(struct space *s)
{
	uint64_t n = table_count(frame_total), frozen_n, leaves = s->tables;

	s->tables += n * MX_PAGE;
	s->window = direct(leaves);
	for (uint64_t i = 0; i < n; i++)
		*pagetable_walk(s, s->root, AT_WINDOW + i * 512 * MX_PAGE, 1) =
		        (leaves + i * MX_PAGE) | PRESENT | WRITABLE | USER;
	build_frozen();
	frozen_n = table_count(machine.pools[machine.cores].count);
	for (uint64_t i = 0; i < frozen_n; i++)
		*pagetable_walk(s, s->root, AT_WINDOW + (frozen_first() + i * 512ull) * MX_PAGE,
		                1) = (frozen_tables + i * MX_PAGE) | PRESENT | USER;
}

/* The upper half is this core's executive, the same in every space of the core. */
static void enter_executive(struct space *s)
{
	memcpy((uint64_t *)direct(s->root) + 256, (uint64_t *)direct(core_space) + 256,
	       256 * sizeof(uint64_t));
}

void space_create(struct space *s, uint32_t domain, uint64_t tables, uint32_t pages, bool window)
{
	(void)domain; /* nothing has to tell its addresses from another's */
	*s = (struct space){.root = tables,
	                    .tables = tables + MX_PAGE,
	                    .tables_end = tables + (uint64_t)pages * MX_PAGE};
	enter_executive(s);
	if (window)
		create_window(s);
}

bool space_moves(bool copy)
{
	(void)copy;
	return true;
}

void space_move(struct space *s, uint32_t domain)
{
	(void)domain;
	enter_executive(s);
}

static void shift(uint64_t *at, uint64_t old, uint64_t size, uint64_t now)
{
	if (*at - old < size)
		*at += now - old;
}

/* Entries that name other memory, frames and registers, stay as they are. */
void space_relocate(struct space *s, const struct area *tables, uint64_t old, uint64_t size,
                    uint64_t now)
{
	uint64_t *entry = direct(tables->at), window = (uint64_t)s->window - (uint64_t)direct(0);

	for (uint64_t n = tables->pages * 512ull; n; n--, entry++)
		if (*entry & PRESENT && (*entry & ADDRESS) - old < size)
			*entry += now - old;
	shift(&s->root, old, size, now);
	shift(&s->tables, old, size, now);
	shift(&s->tables_end, old, size, now);
	shift(&window, old, size, now);
	s->window = s->window ? direct(window) : NULL;
}

void space_frame_map(struct space *s, uint32_t frame)
{
	/* Not present -> present needs no flush (SDM vol. 3, 4.10.4.3). */
	s->window[frame] |= PRESENT;
}

bool space_frame_unmap(struct space *s, uint32_t frame)
{
	s->window[frame] &= ~PRESENT;
	return true;
}

void space_load(const struct space *s)
{
	__asm__ volatile("mov %0, %%cr3" ::"r"(s->root) : "memory");
}

void space_leave(void)
{
	__asm__ volatile("mov %0, %%cr3" ::"r"(core_space) : "memory");
}

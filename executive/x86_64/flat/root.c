/*
 * No isolation, for the benchmark alone: all domains of a core share the core's own tables.
 *
 * Each has one entry of the root and stands behind it; the window maps every frame for good. No
 * table is ever loaded and no entry changes while packets move. Only the checks of who owns which
 * frame remain, as they are the same code.
 */
#include "executive/frame.h"
#include "executive/region.h"
#include "executive/x86_64/cpu.h"
#include "executive/x86_64/pagetable.h"

#define ROOT_FIRST 64u   /* of the domains' entries; AT_WINDOW's is lower */
#define ROOT_SHIFT 39u   /* an entry of the root is 512 GiB */
#define STAGGER    0x25u /* pages from one domain's low bits to the next one's, see space.h */
#define MSR_FS     0xc0000100u

const uint64_t root_ring = 0;

static struct space window;
/* musl's errno, for all: a domain is never interrupted between setting and reading it. */
static _Alignas(MX_PAGE) uint64_t thread[MX_PAGE / sizeof(uint64_t)];

uint32_t root_pages(bool may_map)
{
	(void)may_map;
	return 0;
}

static void map_pool(uint32_t pool, uint32_t access)
{
	const struct mx_pool *p = &machine.pools[pool];

	space_map(&window, AT_WINDOW + (uint64_t)p->first * MX_PAGE, p->dma, p->count, access);
}

/* Before the first domain of the core. */
static void open_core(void)
{
	const struct mx_pool *last = &machine.pools[machine.cores];
	uint64_t leaves = table_count((uint64_t)last->first + last->count);
	uint32_t n = (uint32_t)(leaves + table_count(leaves)) + 2;

	window.root = core_space;
	window.tables = region_alloc(n, OWNER_EXECUTIVE);
	window.tables_end = window.tables + (uint64_t)n * MX_PAGE;
	if (!window.tables)
		panic("core %u: no memory for the tables of the window", self);
	for (uint32_t i = 0; i <= machine.cores; i++)
		map_pool(i, i < machine.cores ? WRITE : READ);
	window.window = pagetable_walk(NULL, core_space, AT_WINDOW, 0);
	thread[0] = (uint64_t)thread;
	wrmsr(MSR_FS, (uint64_t)thread);
	if (self == 0)
		print("moxie: NO ISOLATION: benchmark build\n");
}

void space_create(struct space *s, uint32_t domain, uint64_t tables, uint32_t pages, bool may_map)
{
	if (!window.window)
		open_core();
	*s = (struct space){.root = core_space,
	                    .base = ((uint64_t)(ROOT_FIRST + domain) << ROOT_SHIFT) +
	                            domain * STAGGER * MX_PAGE,
	                    .tables = tables,
	                    .tables_end = tables + (uint64_t)pages * MX_PAGE,
	                    .window = may_map ? window.window : NULL};
	*pagetable_walk(NULL, s->root, s->base, 3) = 0; /* of a domain that had the index before */
	__asm__ volatile("mov %0, %%cr3" ::"r"(s->root) : "memory");
}

/* Every frame is mapped for good. */
void space_window_fill(struct space *s, uint32_t first, uint32_t n)
{
	(void)s;
	(void)first;
	(void)n;
}

bool space_moves(bool copy)
{
	(void)copy;
	return false;
}

void space_move(struct space *s, uint32_t domain)
{
	(void)s;
	(void)domain;
}

void space_relocate(struct space *s, const struct area *tables, uint64_t old, uint64_t size,
                    uint64_t now)
{
	(void)s;
	(void)tables;
	(void)old;
	(void)size;
	(void)now;
}

void space_frame_map(struct space *s, uint32_t frame)
{
	(void)s;
	(void)frame;
}

bool space_frame_unmap(struct space *s, uint32_t frame)
{
	(void)s;
	(void)frame;
	return false;
}

void space_load(const struct space *s)
{
	(void)s;
}

void space_leave(void)
{
}

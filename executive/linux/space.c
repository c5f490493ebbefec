/*
 * The address space of a domain: a reserved stretch of the process, filled from the memory file.
 *
 * A domain sees at base + AT_* what executive/space.h says. Frames: one window for all of them, or
 * with --strict one for each domain, whose pages nobody can touch but while they are mapped.
 * Rules: the kernel keeps the mappings; `pages` is what space_lookup has to know, an entry a page:
 * its address, and how it may be used in the low bits. Nothing here contains a domain that wants
 * to break out: all share the process.
 */
#include <sys/mman.h>
#include "executive/frame.h"
#include "executive/domain.h"
#include "executive/linux/core.h"
#include "executive/linux/host/symbols.h"
#include "executive/linux/sanitize.h"

#define SPAN    (1ull << 31)          /* bytes of a space, more than the highest AT_ */
#define HINT    0x0000200000000000ull /* spaces, so that a debugger finds them where they were */
#define PRESENT 8u
#define BITS    (MX_PAGE - 1ull)

struct area_map {
	uint64_t base, window; /* of the domain */
	uint64_t shut; /* the window that is for the domains of this place alone; 0: none yet */
	uint64_t *pages;
	bool told; /* its domain has run: see host/symbols.h */
};
static struct area_map maps[DOMAINS];

static struct area_map *map_of(const struct space *s)
{
	return (struct area_map *)s->root;
}

static void *must_map(void *at, uint64_t size, int access, int flags, int file, uint64_t offset)
{
	void *p = mmap(at, size, access, flags, file, (off_t)offset);

	if (p == MAP_FAILED)
		panic("core %u: the host gives no %lu KiB of address space", self, size >> 10);
	return p;
}

static void *reserve(void *at, uint64_t size, int access, int fixed)
{
	return must_map(at, size, access, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1,
	                0);
}

static uint64_t frames_bytes(void)
{
	const struct mx_pool *last = &machine.pools[machine.cores];

	return ((uint64_t)last->first + last->count) * MX_PAGE;
}

/* Owned frames shut, the bundle readable. */
static void shut_window(struct area_map *m)
{
	const struct mx_pool *last = &machine.pools[machine.cores];
	uint64_t offset = (uint64_t)(host_pools - host_memory),
	         frozen = last->first * 1ull * MX_PAGE;

	m->shut = (uint64_t)reserve((void *)m->shut, frames_bytes(), PROT_NONE,
	                            m->shut ? MAP_FIXED : 0);
	m->window = m->shut;
	must_map((void *)m->window, frame_total * 1ull * MX_PAGE, PROT_NONE, MAP_SHARED | MAP_FIXED,
	         host_memory_file, offset);
	if (last->count)
		must_map((void *)(m->window + frozen), last->count * 1ull * MX_PAGE, PROT_READ,
		         MAP_SHARED | MAP_FIXED, host_memory_file, offset + frozen);
}

uint32_t space_pages(uint32_t image, uint32_t heap, uint32_t dma, uint32_t bars, uint32_t kept,
                     bool window)
{
	(void)image, (void)heap, (void)dma, (void)bars, (void)kept, (void)window;
	return 0; /* the tables are the kernel's */
}

void space_create(struct space *s, uint32_t domain, uint64_t tables, uint32_t pages, bool window)
{
	struct area_map *m = &maps[domain];
	void *hint = (void *)(HINT + ((uint64_t)self * DOMAINS + domain) * SPAN);

	(void)tables, (void)pages;
	sanitize_fresh(domain, (void *)m->base);
	m->base = (uint64_t)reserve(m->base ? (void *)m->base : hint, SPAN, PROT_NONE,
	                            m->base ? MAP_FIXED : 0);
	m->pages = reserve(m->pages, SPAN / MX_PAGE * sizeof *m->pages, PROT_READ | PROT_WRITE,
	                   m->pages ? MAP_FIXED : 0);
	m->told = false;
	if (host_options.strict && window)
		shut_window(m);
	else
		m->window = (uint64_t)host_window;
	*s = (struct space){.root = (uint64_t)m,
	                    .base = m->base,
	                    .tables = domain,
	                    .window = window ? m->pages : NULL};
}

uint64_t space_window(const struct space *s)
{
	return map_of(s)->window;
}

void space_window_fill(struct space *s, uint32_t first, uint32_t n)
{
	(void)s, (void)first, (void)n;
}

bool space_map(struct space *s, uint64_t address, uint64_t at, uint32_t pages, uint32_t access)
{
	int bits =
	        PROT_READ | (access & WRITE ? PROT_WRITE : 0) | (access & EXECUTE ? PROT_EXEC : 0);
	/* code is what lies in memory until a debugger sets a breakpoint, which shared it refuses
	 */
	int kind = access & EXECUTE ? MAP_PRIVATE : MAP_SHARED;

	check(!(access & WRITE && access & EXECUTE));
	if (!pages)
		return true;
	must_map((void *)(s->base + address), pages * 1ull * MX_PAGE, bits, kind | MAP_FIXED,
	         host_memory_file, at - (uint64_t)host_memory);
	for (uint32_t i = 0; i < pages; i++)
		map_of(s)->pages[address / MX_PAGE + i] =
		        (at + i * 1ull * MX_PAGE) | PRESENT | access;
	return true;
}

void space_unmap(struct space *s, uint64_t address, uint32_t pages)
{
	if (!pages)
		return;
	reserve((void *)(s->base + address), pages * 1ull * MX_PAGE, PROT_NONE, MAP_FIXED);
	for (uint32_t i = 0; i < pages; i++)
		map_of(s)->pages[address / MX_PAGE + i] = 0;
}

/* In the window: a frame of its own that is mapped, or a frozen one to read. */
static uint64_t lookup_frame(const struct space *s, uint64_t offset, uint32_t access)
{
	uint64_t f = offset / MX_PAGE;
	bool own = f < frame_total && frame_state[f] == (s->tables | FRAME_MAPPED);

	if (!s->window || f > UINT32_MAX || !(own || (frame_frozen((uint32_t)f) && !access)))
		return 0;
	return (uint64_t)host_pools + offset;
}

uint64_t space_lookup(const struct space *s, uint64_t address, uint32_t access)
{
	uint64_t entry;

	if (address - s->base >= SPAN)
		return lookup_frame(s, address - map_of(s)->window, access);
	entry = map_of(s)->pages[(address - s->base) / MX_PAGE];
	if (!(entry & PRESENT) || (access & WRITE && !(entry & WRITE)))
		return 0;
	return (entry & ~BITS) + (address & BITS);
}

static void protect(const struct space *s, uint32_t frame, int access)
{
	uint64_t at = map_of(s)->window + frame * 1ull * MX_PAGE;

	if (host_options.strict && mprotect((void *)at, MX_PAGE, access))
		panic("core %u: the host cannot protect a frame (vm.max_map_count?)", self);
}

/* Its addresses are those of the place where it was made, whatever memory is behind. */
bool space_moves(bool copy)
{
	return !copy && !SANITIZED;
}

void space_move(struct space *s, uint32_t domain)
{
	s->tables = domain;
}

void space_relocate(struct space *s, const struct area *tables, uint64_t old, uint64_t size,
                    uint64_t now)
{
	(void)s, (void)tables, (void)old, (void)size, (void)now;
}

void space_frame_map(struct space *s, uint32_t frame)
{
	protect(s, frame, PROT_READ | PROT_WRITE);
}

bool space_frame_unmap(struct space *s, uint32_t frame)
{
	protect(s, frame, PROT_NONE);
	return false; /* the kernel has flushed it */
}

void space_load(const struct space *s)
{
	fs_domain = SANITIZED ? fs_host : (uint64_t)space_at(s, AT_TLS);
	if (!map_of(s)->told) {
		map_of(s)->told = true;
		symbols_born(domains[s->tables]->name, s->base + AT_IMAGE);
	}
	sanitize_next(s);
}

void space_flush(uint64_t address)
{
	(void)address;
}

void space_leave(void)
{
}

/*
 * What the loader hands over: the PVH boot protocol's hvm_start_info
 * (xen/include/public/arch-x86/hvm/start_info.h).
 *
 * Rules: everything is copied before the boot phase takes a page, for it may lie in free memory.
 */
#include <string.h>
#include "executive/arch.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/layout.h"

#define START_MAGIC 0x336ec578u
#define MEMMAP_RAM  1u
#define MAPPED      (1ull << 32) /* what the boot tables show */

struct start_info {
	uint32_t magic, version, flags, modules_n;
	uint64_t modules, command_line, rsdp;
	uint64_t memmap; /* version 1 and later */
	uint32_t memmap_n, reserved;
};

struct module {
	uint64_t base, size, command_line, reserved;
};

struct memmap {
	uint64_t base, size;
	uint32_t type, reserved;
};

extern char image_end[];

static void read_memory(const struct start_info *s)
{
	const struct memmap *m = direct(s->memmap);

	if (s->memmap >= MAPPED || s->memmap_n > 4096)
		panic("loader: memory map at %#lx, %u entries", s->memmap, s->memmap_n);
	for (uint32_t i = 0; i < s->memmap_n; i++)
		if (m[i].type == MEMMAP_RAM)
			memory_add(m[i].base, m[i].size);
	/* The map may overlap itself: what is not RAM wins. */
	for (uint32_t i = 0; i < s->memmap_n; i++)
		if (m[i].type != MEMMAP_RAM)
			memory_reserve(m[i].base, m[i].size);
}

/* The bundle's pages become frozen frames, so it has to begin with a page, and what follows
   it in its last page must not show. */
static void read_bundle(const struct start_info *s)
{
	const struct module *m = direct(s->modules);
	uint64_t pages;

	if (s->modules_n == 0 || s->modules >= MAPPED)
		return;
	if (m->size == 0 || !memory_is_ram(m->base, m->size) || m->base + m->size > MAPPED) {
		print("loader: bundle at %#lx, %lu bytes, is not in memory; ignored\n", m->base,
		      m->size);
		return;
	}
	pages = (m->size + MX_PAGE - 1) & -(uint64_t)MX_PAGE;
	machine.bundle_len = m->size;
	machine.bundle = (struct range){m->base, pages};
	if (m->base % MX_PAGE) {
		memory_keep(m->base, m->size); /* the new place must not overlap the old */
		machine.bundle.base = memory_take(pages);
		memcpy(direct(machine.bundle.base), direct(m->base), m->size);
		return;
	}
	memory_keep(m->base, m->size);
	if (memory_is_ram(m->base, pages))
		memset((char *)direct(m->base) + m->size, 0, pages - m->size);
}

uint64_t pvh_read(uint64_t at)
{
	struct start_info s;

	memcpy(&s, direct(at), sizeof(s));
	if (s.magic != START_MAGIC)
		panic("loader: not a PVH start (magic %#x)", s.magic);
	if (s.version < 1 || s.memmap_n == 0)
		panic("loader: no memory map (PVH version %u); version 1 is needed", s.version);
	read_memory(&s);
	memory_keep(IMAGE_PHYS, (uint64_t)image_end - IMAGE_BASE - IMAGE_PHYS);
	read_bundle(&s);
	return s.rsdp;
}

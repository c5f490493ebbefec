/*
 * What the loader hands over by the PVH boot protocol: start_info.h.
 *
 * Rules: everything is copied before the boot phase takes a page, for it may lie in free memory;
 * the modules that stay where they are, are kept before.
 */
#include <string.h>
#include "executive/arch.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/layout.h"

#define MAPPED (1ull << 32) /* what the boot tables show */

enum { BUNDLE, CONFIG, SCREEN, MODULES };
static struct start_module modules[MODULES]; /* size 0: there is none */

extern char image_end[];

static void read_memory(const struct start_info *s)
{
	const struct start_memmap *m = direct(s->memmap);

	if (s->memmap >= MAPPED || s->memmap_n > 4096)
		panic("loader: memory map at %#lx, %u entries", s->memmap, s->memmap_n);
	for (uint32_t i = 0; i < s->memmap_n; i++)
		if (m[i].type == START_RAM)
			memory_add(m[i].base, m[i].size);
	/* The map may overlap itself: what is not RAM wins. */
	for (uint32_t i = 0; i < s->memmap_n; i++)
		if (m[i].type != START_RAM)
			memory_reserve(m[i].base, m[i].size);
}

/* One without a name of ours is the bundle, whatever it is called. */
static uint32_t kind_of(const struct start_module *m)
{
	const char *name = m->command_line ? direct(m->command_line) : "";

	if (strncmp(name, START_CONFIG, START_NAME) == 0)
		return CONFIG;
	return strncmp(name, START_SCREEN, START_NAME) == 0 ? SCREEN : BUNDLE;
}

/* The first of each kind. All are kept before a page is taken for one of them. */
static void read_modules(const struct start_info *s)
{
	const struct start_module *m = direct(s->modules);

	for (uint32_t i = 0; s->modules < MAPPED && i < s->modules_n; i++) {
		struct start_module *own;

		if (!m[i].size || !memory_is_ram(m[i].base, m[i].size) ||
		    m[i].base + m[i].size > MAPPED || m[i].command_line > MAPPED - START_NAME) {
			print("loader: module %u at %#lx, %lu bytes, is not in memory; ignored\n",
			      i, m[i].base, m[i].size);
			continue;
		}
		own = &modules[kind_of(&m[i])];
		if (own->size)
			continue;
		*own = m[i];
		memory_keep(own->base, own->size);
	}
}

/* Whole pages that begin with it, and in whose last nothing shows that follows it. */
static struct range pages_of(const struct start_module *m)
{
	struct range r = {m->base, (m->size + MX_PAGE - 1) & -(uint64_t)MX_PAGE};

	if (!m->size)
		return (struct range){0, 0};
	if (m->base % MX_PAGE) {
		r.base = memory_take(r.size);
		memcpy(direct(r.base), direct(m->base), m->size);
	} else if (memory_is_ram(m->base, r.size)) {
		memset((char *)direct(m->base) + m->size, 0, r.size - m->size);
	}
	return r;
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
	read_modules(&s);
	if (modules[SCREEN].size >= sizeof(struct start_screen))
		screen_offer(direct(modules[SCREEN].base));
	machine.bundle = pages_of(&modules[BUNDLE]); /* they become frozen frames */
	machine.bundle_len = modules[BUNDLE].size;
	machine.config = pages_of(&modules[CONFIG]);
	machine.config_len = modules[CONFIG].size;
	return s.rsdp;
}

/*
 * What a child leaves to its successor: the pages of its image that hold the section `mx_kept`
 * (moxie/kept.h), and who is offered them.
 *
 * Rules: the image is the user's file, so every offset is checked; one without section headers
 * keeps nothing. A successor may have ended because of what it was left, so after some quick ends
 * in a row the next one begins anew.
 */
#include <elf.h>
#include "init/init.h"

#define TRIES 2u /* quick ends in a row */

struct file {
	const uint8_t *at;
	uint64_t size;
};

static bool read(const struct file *f, uint64_t from, void *to, uint64_t n)
{
	if (from > f->size || n > f->size - from)
		return false;
	memcpy(to, f->at + from, n);
	return true;
}

static bool section(const struct file *f, const Elf64_Ehdr *e, uint32_t i, Elf64_Shdr *s)
{
	uint64_t offset = (uint64_t)i * sizeof *s;

	return i < e->e_shnum && e->e_shoff <= f->size &&
	       read(f, e->e_shoff + offset, s, sizeof *s);
}

static bool find_section(const struct file *f, Elf64_Shdr *s)
{
	static const char name[] = "mx_kept";
	char here[sizeof name];
	Elf64_Shdr names;
	Elf64_Ehdr e;

	if (!read(f, 0, &e, sizeof e) || !section(f, &e, e.e_shstrndx, &names) ||
	    names.sh_offset > f->size)
		return false;
	for (uint32_t i = 0; section(f, &e, i, s); i++)
		if (read(f, names.sh_offset + s->sh_name, here, sizeof here) &&
		    memcmp(here, name, sizeof name) == 0)
			return true;
	return false;
}

void kept_find(struct child *c)
{
	struct mx_spawn *q = &c->request;
	struct file f = {(const uint8_t *)mx_boot->bundle.base + q->image, q->image_len};
	uint64_t first, end;
	Elf64_Shdr s;

	q->keep = (struct mx_keep){0};
	if (!find_section(&f, &s) || !s.sh_size || s.sh_size > MX_KEEP_MAX * MX_PAGE ||
	    s.sh_addr > UINT32_MAX)
		return;
	first = s.sh_addr / MX_PAGE;
	end = (s.sh_addr + s.sh_size + MX_PAGE - 1) / MX_PAGE;
	if (end - first <= MX_KEEP_MAX)
		q->keep = (struct mx_keep){(uint32_t)first, (uint32_t)(end - first), 0};
}

static void forget(struct child *c)
{
	if (c->request.keep.heir)
		mx_trap(MX_TRAP_SPAWN, MX_SPAWN_FORGET, c->request.keep.heir, 0);
	c->request.keep.heir = 0;
}

/* c has ended and is to be created again. */
void kept_offer(struct child *c, uint32_t quick_ends)
{
	c->request.keep.heir = c->request.keep.pages ? c->handle : 0;
	if (quick_ends > TRIES)
		forget(c);
}

bool kept_refuse(struct child *c)
{
	bool had = c->request.keep.heir != 0;

	forget(c);
	return had;
}

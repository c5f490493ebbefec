/*
 * Sanitized images are joined with the program: see link.h.
 *
 * Not by dlopen: the pages of an image belong to the executive, which hands some of them to an heir
 * and finds arguments of traps in them, and the dynamic linker would map others.
 */
#include <dlfcn.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "executive/linux/sanitized/host/link.h"
#include "executive/linux/sanitized/host/linked.h"

struct tables {
	const Elf64_Rela *rela[2]; /* of data, of calls */
	uint64_t size[2];
	const Elf64_Sym *symbols;
	const char *names;
	void (*const *init)(void);
	uint64_t init_size;
	uint64_t name; /* DT_SONAME */
};

/* The dynamic section, by the program header that names it. */
static const Elf64_Dyn *dynamic(const uint8_t *image)
{
	const Elf64_Ehdr *h = (const void *)image;
	const Elf64_Phdr *p = (const void *)(image + h->e_phoff);

	for (uint32_t i = 0; i < h->e_phnum; i++)
		if (p[i].p_type == PT_DYNAMIC)
			return (const void *)(image + p[i].p_vaddr);
	return NULL;
}

static void read_tables(const uint8_t *image, const Elf64_Dyn *d, struct tables *t)
{
	*t = (struct tables){0};
	for (; d && d->d_tag != DT_NULL; d++) {
		const void *at = image + d->d_un.d_ptr;

		switch (d->d_tag) {
		case DT_RELA:
			t->rela[0] = at;
			break;
		case DT_RELASZ:
			t->size[0] = d->d_un.d_val;
			break;
		case DT_JMPREL:
			t->rela[1] = at;
			break;
		case DT_PLTRELSZ:
			t->size[1] = d->d_un.d_val;
			break;
		case DT_SYMTAB:
			t->symbols = at;
			break;
		case DT_STRTAB:
			t->names = at;
			break;
		case DT_INIT_ARRAY:
			t->init = at;
			break;
		case DT_INIT_ARRAYSZ:
			t->init_size = d->d_un.d_val;
			break;
		case DT_SONAME:
			t->name = d->d_un.d_val;
			break;
		}
	}
}

static _Noreturn void give_up(const struct tables *t, const char *what, const char *which)
{
	fprintf(stderr, "moxie-linux: %s: %s %s\n", t->names + t->name, what, which);
	exit(2);
}

/* Its own, or the program's and its libraries'. */
static uint64_t find(const uint8_t *image, const struct tables *t, uint64_t symbol)
{
	const Elf64_Sym *s = &t->symbols[symbol];
	const char *name = t->names + s->st_name;
	void *at;

	if (!symbol)
		return 0;
	if (s->st_shndx != SHN_UNDEF)
		return (uint64_t)image + s->st_value;
	at = linked_instead(name);
	if (!at)
		at = dlsym(RTLD_DEFAULT, name);
	if (!at && ELF64_ST_BIND(s->st_info) != STB_WEAK)
		give_up(t, "nobody defines", name);
	return (uint64_t)at;
}

static void relocate(uint8_t *image, const struct tables *t, const Elf64_Rela *r)
{
	uint64_t *to = (uint64_t *)(image + r->r_offset), addend = (uint64_t)r->r_addend;

	switch (ELF64_R_TYPE(r->r_info)) {
	case R_X86_64_RELATIVE:
		*to = (uint64_t)image + addend;
		break;
	case R_X86_64_GLOB_DAT:
	case R_X86_64_JUMP_SLOT:
		*to = find(image, t, ELF64_R_SYM(r->r_info));
		break;
	case R_X86_64_64:
		*to = find(image, t, ELF64_R_SYM(r->r_info)) + addend;
		break;
	default:
		give_up(t, "a relocation of a kind that is not known", "");
	}
}

void host_link(uint8_t *image)
{
	struct tables t;

	read_tables(image, dynamic(image), &t);
	for (uint32_t k = 0; k < 2; k++)
		for (uint64_t i = 0; i < t.size[k] / sizeof(Elf64_Rela); i++)
			relocate(image, &t, &t.rela[k][i]);
	linked_add(image, t.names + t.name);
	for (uint64_t i = 0; i < t.init_size / sizeof *t.init; i++)
		t.init[i]();
}

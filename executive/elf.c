/* ELF images of domains: see elf.h. The bundle is input like any other: every field is checked. */
#include <elf.h>
#include <stdbool.h>
#include <string.h>
#include <moxie/abi.h>
#include "executive/arch.h"
#include "executive/elf.h"

#define WORDS (MX_PAGE / sizeof(uint64_t))

/* Data in a bundle is aligned to 4 bytes, so headers are copied before they are read. */
static Elf64_Ehdr header(const uint8_t *image)
{
	Elf64_Ehdr h;

	memcpy(&h, image, sizeof h);
	return h;
}

static Elf64_Phdr segment(const uint8_t *image, const Elf64_Ehdr *h, uint32_t i)
{
	Elf64_Phdr p;

	memcpy(&p, image + h->e_phoff + i * sizeof p, sizeof p);
	return p;
}

static bool header_ok(const Elf64_Ehdr *h, uint64_t length)
{
	return !memcmp(h->e_ident, ELFMAG, SELFMAG) && h->e_ident[EI_CLASS] == ELFCLASS64 &&
	       h->e_ident[EI_DATA] == ELFDATA2LSB && h->e_type == ET_DYN &&
	       h->e_machine == EM_X86_64 && h->e_phentsize == sizeof(Elf64_Phdr) && h->e_phnum &&
	       h->e_phnum <= 16 && h->e_phoff % 8 == 0 && h->e_phoff <= length &&
	       length - h->e_phoff >= h->e_phnum * sizeof(Elf64_Phdr);
}

static bool segment_ok(const Elf64_Phdr *p, uint64_t length, uint64_t from)
{
	return p->p_vaddr % MX_PAGE == p->p_offset % MX_PAGE &&
	       (p->p_vaddr & ~(uint64_t)(MX_PAGE - 1)) >= from && p->p_filesz <= p->p_memsz &&
	       p->p_vaddr < (uint64_t)IMAGE_MAX * MX_PAGE &&
	       p->p_memsz <= (uint64_t)IMAGE_MAX * MX_PAGE - p->p_vaddr && p->p_offset <= length &&
	       p->p_filesz <= length - p->p_offset && (p->p_flags & (PF_W | PF_X)) != (PF_W | PF_X);
}

static uint64_t page_up(uint64_t x)
{
	return (x + MX_PAGE - 1) & ~(uint64_t)(MX_PAGE - 1);
}

uint32_t elf_size(const uint8_t *image, uint64_t length)
{
	bool entered = false;
	uint64_t end = 0;
	Elf64_Ehdr h;

	if (length < sizeof h)
		return 0;
	h = header(image);
	if (!header_ok(&h, length))
		return 0;
	for (uint32_t i = 0; i < h.e_phnum; i++) {
		Elf64_Phdr p = segment(image, &h, i);

		if (p.p_type != PT_LOAD || !p.p_memsz)
			continue;
		if (!segment_ok(&p, length, end))
			return 0;
		end = page_up(p.p_vaddr + p.p_memsz);
		entered |= p.p_flags & PF_X && h.e_entry - p.p_vaddr < p.p_memsz;
	}
	return entered ? (uint32_t)(end / MX_PAGE) : 0;
}

/* The part of segment p that stands in the file and belongs to [from, from + MX_PAGE). */
static void copy_part(const uint8_t *image, const Elf64_Phdr *p, uint64_t from, uint8_t *to)
{
	uint64_t start = p->p_vaddr > from ? p->p_vaddr : from;
	uint64_t end = p->p_vaddr + p->p_filesz;

	if (end > from + MX_PAGE)
		end = from + MX_PAGE;
	if (end > start)
		memcpy(to + (start - from), image + p->p_offset + (start - p->p_vaddr),
		       end - start);
}

static void fill(const uint8_t *image, const Elf64_Phdr *p, uint64_t from, void *to)
{
	memset(to, 0, MX_PAGE);
	copy_part(image, p, from, to);
}

/*
 * Code that stands there already is left alone. A successor gets the memory of its predecessor, as
 * a rule, whose code nobody could write; what an emulator has translated from it then remains good.
 */
static void fill_code(const uint8_t *image, const Elf64_Phdr *p, uint64_t from, uint64_t *to)
{
	static uint64_t page[WORDS];
	uint32_t i = 0;

	fill(image, p, from, page);
	while (i < WORDS && to[i] == page[i])
		i++;
	if (i < WORDS)
		memcpy(to, page, MX_PAGE);
}

int elf_page(const uint8_t *image, uint32_t i, uint8_t *to)
{
	uint64_t from = (uint64_t)i * MX_PAGE;
	Elf64_Ehdr h = header(image);

	for (uint32_t n = 0; n < h.e_phnum; n++) {
		Elf64_Phdr p = segment(image, &h, n);

		if (p.p_type != PT_LOAD || !p.p_memsz || from + MX_PAGE <= p.p_vaddr ||
		    from >= page_up(p.p_vaddr + p.p_memsz))
			continue;
		if (p.p_flags & PF_X)
			fill_code(image, &p, from, (uint64_t *)to);
		else
			fill(image, &p, from, to);
		return p.p_flags & PF_W ? WRITE : p.p_flags & PF_X ? EXECUTE : READ;
	}
	memset(to, 0, MX_PAGE);
	return -1;
}

uint64_t elf_entry(const uint8_t *image)
{
	return header(image).e_entry;
}

/* ELF images of domains: see elf.h. The bundle is input like any other: every field is checked. */
#include <elf.h>
#include <stdbool.h>
#include <string.h>
#include <moxie/abi.h>
#include "executive/arch.h"
#include "executive/elf.h"

static const Elf64_Phdr *segments(const uint8_t *image, uint32_t *n)
{
	const Elf64_Ehdr *h = (const void *)image;

	*n = h->e_phnum;
	return (const void *)(image + h->e_phoff);
}

static bool header_ok(const uint8_t *image, uint64_t length)
{
	const Elf64_Ehdr *h = (const void *)image;

	return length >= sizeof *h && !memcmp(h->e_ident, ELFMAG, SELFMAG) &&
	       h->e_ident[EI_CLASS] == ELFCLASS64 && h->e_ident[EI_DATA] == ELFDATA2LSB &&
	       h->e_type == ET_DYN && h->e_machine == EM_X86_64 &&
	       h->e_phentsize == sizeof(Elf64_Phdr) && h->e_phnum && h->e_phnum <= 16 &&
	       h->e_phoff % 8 == 0 && h->e_phoff <= length &&
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
	const Elf64_Phdr *p;
	uint64_t end = 0, entry;
	bool entered = false;
	uint32_t n;

	if (!header_ok(image, length))
		return 0;
	entry = ((const Elf64_Ehdr *)image)->e_entry;
	p = segments(image, &n);
	for (uint32_t i = 0; i < n; i++) {
		if (p[i].p_type != PT_LOAD || !p[i].p_memsz)
			continue;
		if (!segment_ok(&p[i], length, end))
			return 0;
		end = page_up(p[i].p_vaddr + p[i].p_memsz);
		entered |= p[i].p_flags & PF_X && entry - p[i].p_vaddr < p[i].p_memsz;
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

int elf_page(const uint8_t *image, uint32_t i, uint8_t *to)
{
	uint64_t from = (uint64_t)i * MX_PAGE;
	uint32_t n;
	const Elf64_Phdr *p = segments(image, &n);

	memset(to, 0, MX_PAGE);
	for (; n; n--, p++) {
		if (p->p_type != PT_LOAD || !p->p_memsz || from + MX_PAGE <= p->p_vaddr ||
		    from >= page_up(p->p_vaddr + p->p_memsz))
			continue;
		copy_part(image, p, from, to);
		return p->p_flags & PF_W ? WRITE : p->p_flags & PF_X ? EXECUTE : READ;
	}
	return -1;
}

uint64_t elf_entry(const uint8_t *image)
{
	return ((const Elf64_Ehdr *)image)->e_entry;
}

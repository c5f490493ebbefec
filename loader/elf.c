/*
 * The executive's image: its segments, put together as they shall stand in memory (ELF-64), and
 * the entry that its PVH note names.
 *
 * Rules: every offset is checked against the file, every address against the space below 4 GiB.
 */
#include <elf.h>
#include "loader/loader.h"

#define BELOW     (1ull << 32)
#define SPAN_MOST (64ull << 20)

static const UINT8 *bytes;
static UINT64 length;

static bool inside(UINT64 at, UINT64 size, UINT64 end)
{
	return at <= end && size <= end - at;
}

static bool refuse(const CHAR16 *why)
{
	Print(L"moxie: \\moxie\\moxie.elf: %s\n", why);
	return false;
}

static const Elf64_Phdr *segment(const Elf64_Ehdr *h, UINT32 i)
{
	return (const void *)(bytes + h->e_phoff + i * sizeof(Elf64_Phdr));
}

static bool check_header(const Elf64_Ehdr *h)
{
	if (length < sizeof *h || CompareMem(h->e_ident, ELFMAG, SELFMAG) != 0 ||
	    h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_machine != EM_X86_64 ||
	    h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phoff % 8 ||
	    !inside(h->e_phoff, h->e_phnum * sizeof(Elf64_Phdr), length))
		return refuse(L"is not an executive (no ELF image for x86-64)");
	for (UINT32 i = 0; i < h->e_phnum; i++) {
		const Elf64_Phdr *p = segment(h, i);

		if ((p->p_type == PT_LOAD || p->p_type == PT_NOTE) &&
		    (!inside(p->p_offset, p->p_filesz, length) || p->p_filesz > p->p_memsz ||
		     !inside(p->p_paddr, p->p_memsz, BELOW)))
			return refuse(L"is damaged: a segment lies outside");
	}
	return true;
}

/* Notes: sizes of name and content, type; then both, each padded to 4 bytes. */
static UINT32 entry_of(const Elf64_Phdr *p)
{
	const UINT8 *at = bytes + p->p_offset, *end = at + p->p_filesz;
	UINT64 entry = 0;

	while (end - at >= (INT64)sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr note;
		UINT64 name, content;

		CopyMem(&note, (void *)at, sizeof note);
		at += sizeof note;
		name = (note.n_namesz + 3ull) & ~3ull;
		content = (note.n_descsz + 3ull) & ~3ull;
		if (name + content > (UINT64)(end - at))
			return 0;
		if (note.n_type == START_PHYS_ENTRY && note.n_namesz == 4 && note.n_descsz <= 8 &&
		    CompareMem(at, "Xen", 4) == 0) {
			CopyMem(&entry, (void *)(at + name), note.n_descsz);
			return entry < BELOW ? (UINT32)entry : 0;
		}
		at += name + content;
	}
	return 0;
}

static UINT64 find_span(const Elf64_Ehdr *h, struct executive *e)
{
	UINT64 end = 0;

	e->place = BELOW;
	for (UINT32 i = 0; i < h->e_phnum; i++) {
		const Elf64_Phdr *p = segment(h, i);

		if (p->p_type == PT_NOTE && !e->entry)
			e->entry = entry_of(p);
		if (p->p_type != PT_LOAD || p->p_memsz == 0)
			continue;
		if (p->p_paddr < e->place)
			e->place = p->p_paddr;
		if (p->p_paddr + p->p_memsz > end)
			end = p->p_paddr + p->p_memsz;
	}
	e->place &= ~(UINT64)(EFI_PAGE_SIZE - 1);
	return end;
}

bool elf_stage(const struct blob *file, struct executive *e)
{
	const Elf64_Ehdr *h = (const void *)file->base;
	UINT64 end;

	bytes = (const void *)file->base;
	length = file->size;
	*e = (struct executive){{0, 0}, 0, 0};
	if (!check_header(h))
		return false;
	end = find_span(h, e);
	if (!e->entry || e->place >= end || end - e->place > SPAN_MOST || e->entry < e->place ||
	    e->entry >= end)
		return refuse(L"is not an executive (no entry by PVH)");
	forbidden = e->place;
	forbidden_end = end;
	e->stage.size = (end - e->place + 3) & ~3ull;
	e->stage.base = memory_pages(e->stage.size, EfiLoaderData);
	if (!e->stage.base)
		return refuse(L"not enough memory for it");
	for (UINT32 i = 0; i < h->e_phnum; i++) {
		const Elf64_Phdr *p = segment(h, i);

		if (p->p_type == PT_LOAD)
			CopyMem((void *)(e->stage.base + p->p_paddr - e->place),
			        (void *)(bytes + p->p_offset), p->p_filesz);
	}
	return true;
}

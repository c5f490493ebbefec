/*
 * The names of what domains run: see symbols.h.
 *
 * Which image it is, the executive does not keep: it is the one in the bundle that begins with the
 * same page, headers and all. Images come with the bundle, so every offset in them is checked.
 */
#include <elf.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <moxie/cpio.h>
#include "executive/linux/host/boot.h"
#include "executive/linux/host/symbols.h"

#define FOLDER "domains/"
#define SUFFIX ".elf"

struct image {
	char name[64];
	const uint8_t *data;
	uint64_t size;
};

static bool is_image(const char *name, size_t length)
{
	return length > strlen(FOLDER SUFFIX) && length < sizeof((struct image *)0)->name &&
	       !strncmp(name, FOLDER, strlen(FOLDER)) &&
	       !strncmp(name + length - strlen(SUFFIX), SUFFIX, strlen(SUFFIX));
}

/* Bytes `at` to `at + size` of the image; NULL when it has none such. */
static const void *part(const struct image *i, uint64_t at, uint64_t size)
{
	return at <= i->size && size <= i->size - at ? i->data + at : NULL;
}

static bool find_image(struct image *i, uint64_t base)
{
	const uint8_t *bundle = (const uint8_t *)host_machine.bundle.base;
	struct mx_cpio_entry e;
	uint64_t at = 0;

	while (mx_cpio_next(bundle, host_machine.bundle_len, &at, &e)) {
		if (!is_image(e.name, strlen(e.name)) || e.size < MX_PAGE ||
		    memcmp(bundle + e.offset, (const void *)base, MX_PAGE))
			continue;
		*i = (struct image){.data = bundle + e.offset, .size = e.size};
		strncpy(i->name, e.name + strlen(FOLDER), sizeof i->name - 1);
		i->name[strlen(i->name) - strlen(SUFFIX)] = '\0';
		return true;
	}
	return false;
}

/* --- perf --- */

static void write_function(FILE *map, const char *domain, uint64_t base, const Elf64_Sym *s,
                           const char *name)
{
	if (ELF64_ST_TYPE(s->st_info) == STT_FUNC && s->st_size)
		fprintf(map, "%lx %lx %s:%s\n", base + s->st_value, (unsigned long)s->st_size,
		        domain, name);
}

static void write_table(FILE *map, const char *domain, uint64_t base, const struct image *i,
                        const Elf64_Shdr *table, const Elf64_Shdr *strings)
{
	const Elf64_Sym *s = part(i, table->sh_offset, table->sh_size);
	const char *names = part(i, strings->sh_offset, strings->sh_size);

	if (!s || !names || !strings->sh_size || names[strings->sh_size - 1])
		return;
	for (uint64_t n = 0; n < table->sh_size / sizeof *s; n++) {
		if (s[n].st_name < strings->sh_size)
			write_function(map, domain, base, &s[n], names + s[n].st_name);
	}
}

static void write_map(FILE *map, const char *domain, uint64_t base, const struct image *i)
{
	const Elf64_Ehdr *head = part(i, 0, sizeof *head);
	const Elf64_Shdr *s = head ? part(i, head->e_shoff, head->e_shnum * sizeof *s) : NULL;

	for (uint32_t n = 0; s && n < head->e_shnum; n++) {
		if (s[n].sh_type == SHT_SYMTAB && s[n].sh_link < head->e_shnum)
			write_table(map, domain, base, i, &s[n], &s[s[n].sh_link]);
	}
}

/* The same bytes at the same place, in memory that is no file's. */
static bool unname(uint8_t *at, uint64_t size)
{
	uint8_t *copy = malloc(size);

	if (!copy)
		return false;
	memcpy(copy, at, size);
	if (mmap(at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
	         0) == MAP_FAILED)
		host_die("--perf-map", "no memory");
	memcpy(at, copy, size);
	free(copy);
	return mprotect(at, size, PROT_READ | PROT_EXEC) == 0;
}

static bool unname_code(uint64_t base, const struct image *i)
{
	const Elf64_Ehdr *head = part(i, 0, sizeof *head);
	const Elf64_Phdr *p = head ? part(i, head->e_phoff, head->e_phnum * sizeof *p) : NULL;

	for (uint32_t n = 0; p && n < head->e_phnum; n++) {
		uint64_t first = p[n].p_vaddr & ~(MX_PAGE - 1ull);
		uint64_t end = (p[n].p_vaddr + p[n].p_memsz + MX_PAGE - 1) & ~(MX_PAGE - 1ull);

		if (p[n].p_type == PT_LOAD && p[n].p_flags & PF_X &&
		    !unname((uint8_t *)base + first, end - first))
			return false;
	}
	return p;
}

/* Files of a bundle are aligned to 4 bytes only. */
static struct image aligned(const struct image *i)
{
	struct image copy = *i;
	void *data = malloc(i->size);

	if (!data)
		host_die("--perf-map", "no memory");
	copy.data = memcpy(data, i->data, i->size);
	return copy;
}

static void tell_perf(const char *domain, uint64_t base, const struct image *found)
{
	static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER; /* core at a time */
	struct image i = aligned(found);
	char path[64];
	FILE *map;

	snprintf(path, sizeof path, "/tmp/perf-%d.map", getpid());
	pthread_mutex_lock(&one);
	map = fopen(path, "a");
	if (!map || !unname_code(base, &i))
		host_die(path, "cannot be made");
	write_map(map, domain, base, &i);
	if (fclose(map))
		host_die(path, "cannot be written");
	pthread_mutex_unlock(&one);
	free((void *)i.data);
}

__attribute__((noinline)) void symbols_told(const char *domain, const char *image, uint64_t base)
{
	__asm__ volatile("" : : "r"(domain), "r"(image), "r"(base) : "memory");
}

void symbols_born(const char *domain, uint64_t base)
{
	struct image i;

	if (!find_image(&i, base))
		return;
	if (host_options.perf_map)
		tell_perf(domain, base, &i);
	symbols_told(domain, i.name, base);
}

/*
 * Physical memory: what the loader reports, less what is in use, divided among the cores.
 *
 * `ram` keeps all memory from 1 MiB up (the direct map wants it); `unused` what nobody has yet.
 * Each core gets an equal share, cut from `unused` in order of address, so that a share is one
 * run of pages wherever the machine allows. From its end come the core's page tables, stack
 * and copy of the data; of the rest half becomes frames, and more where there is plenty.
 * The first 1 MiB is left alone: firmware lives there, and the cores' trampoline.
 */
#include <string.h>
#include "executive/arch.h"
#include "executive/fifo.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/cpu.h"
#include "executive/x86_64/layout.h"

#define UNUSED_RANGES 64u
#define LOW           0x100000ul
#define CRUMB         0x10000ul /* a smaller range is not worth an entry of a share */
#define CORE_LEAST    (2ul << 20)
#define MAPPED        (1ull << 32)

struct range ram[RAM_RANGES];
uint32_t ram_n;
static struct range unused[UNUSED_RANGES];
static uint32_t unused_n;

static void put(struct range *list, uint32_t *n, uint32_t most, uint64_t base, uint64_t end)
{
	if (end <= base)
		return;
	if (*n == most) {
		print("memory: more than %u ranges; %lu KiB left out\n", most, (end - base) >> 10);
		return;
	}
	list[(*n)++] = (struct range){base, end - base};
}

/* Takes [base, end) out of every range of the list. */
static void cut(struct range *list, uint32_t *n, uint32_t most, uint64_t base, uint64_t end)
{
	for (uint32_t i = *n; i-- > 0;) {
		uint64_t from = list[i].base, to = from + list[i].size;

		if (end <= from || to <= base)
			continue;
		list[i].size = base > from ? base - from : 0;
		if (list[i].size == 0)
			list[i] = list[--*n];
		put(list, n, most, end, to);
	}
}

static void sort(struct range *list, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++)
		for (uint32_t j = i; j > 0 && list[j].base < list[j - 1].base; j--) {
			struct range r = list[j];

			list[j] = list[j - 1];
			list[j - 1] = r;
		}
}

void memory_add(uint64_t base, uint64_t size)
{
	uint64_t end = (base + size) & -(uint64_t)MX_PAGE;

	base = (base + MX_PAGE - 1) & -(uint64_t)MX_PAGE;
	if (base < LOW)
		base = LOW;
	/* Twice told counts once. */
	cut(ram, &ram_n, RAM_RANGES, base, end);
	cut(unused, &unused_n, UNUSED_RANGES, base, end);
	put(ram, &ram_n, RAM_RANGES, base, end);
	put(unused, &unused_n, UNUSED_RANGES, base, end);
}

void memory_reserve(uint64_t base, uint64_t size)
{
	uint64_t end = (base + size + MX_PAGE - 1) & -(uint64_t)MX_PAGE;

	cut(ram, &ram_n, RAM_RANGES, base & -(uint64_t)MX_PAGE, end);
	memory_keep(base, size);
}

void memory_keep(uint64_t base, uint64_t size)
{
	uint64_t end = (base + size + MX_PAGE - 1) & -(uint64_t)MX_PAGE;

	cut(unused, &unused_n, UNUSED_RANGES, base & -(uint64_t)MX_PAGE, end);
}

bool memory_is_ram(uint64_t base, uint64_t size)
{
	for (uint32_t i = 0; i < ram_n; i++)
		if (base >= ram[i].base && size <= ram[i].size &&
		    base - ram[i].base <= ram[i].size - size)
			return true;
	return false;
}

/* From the end of the highest range below 4 GiB that has room. */
uint64_t memory_take(uint64_t bytes)
{
	struct range *best = NULL;

	bytes = (bytes + MX_PAGE - 1) & -(uint64_t)MX_PAGE;
	for (uint32_t i = 0; i < unused_n; i++)
		if (unused[i].size >= bytes && unused[i].base + unused[i].size <= MAPPED &&
		    (!best || unused[i].base > best->base))
			best = &unused[i];
	if (!best)
		panic("memory too small: no room for %lu KiB", bytes >> 10);
	best->size -= bytes;
	memset(direct(best->base + best->size), 0, bytes);
	return best->base + best->size;
}

uint64_t memory_page(uint32_t owner)
{
	if (owner == BOOT)
		return memory_take(MX_PAGE);
	for (uint32_t i = SHARES; i-- > 0;) {
		struct range *r = &machine.share[owner][i];

		if (r->size == 0)
			continue;
		r->size -= MX_PAGE;
		memset(direct(r->base + r->size), 0, MX_PAGE);
		return r->base + r->size;
	}
	panic("memory too small: core %u has no page left", owner);
}

static uint64_t unused_bytes(void)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < unused_n; i++)
		sum += unused[i].size;
	return sum;
}

/* Cuts `size` bytes from the front of `unused` for a core. */
static void give(uint32_t core, uint64_t size)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < unused_n && n < SHARES && size >= CRUMB; i++) {
		uint64_t part = unused[i].size < size ? unused[i].size : size;

		if (part < CRUMB)
			continue;
		machine.share[core][n++] = (struct range){unused[i].base, part};
		unused[i].base += part;
		unused[i].size -= part;
		size -= part;
	}
}

void memory_divide(void)
{
	uint64_t total = unused_bytes(), fifos = fifo_area_bytes(machine.cores);
	uint32_t found = machine.cores;

	while (machine.cores > 1 && total < fifos + machine.cores * CORE_LEAST)
		fifos = fifo_area_bytes(--machine.cores);
	if (machine.cores < found)
		print("memory too small for %u cores: only %u are used\n", found, machine.cores);
	if (total < fifos + CORE_LEAST)
		panic("memory too small: %lu KiB free, %lu KiB needed", total >> 10,
		      (fifos + CORE_LEAST) >> 10);
	machine.fifos = (struct range){memory_take(fifos), fifos};
	sort(unused, unused_n);
	total = unused_bytes() / machine.cores & -(uint64_t)MX_PAGE;
	for (uint32_t c = 0; c < machine.cores; c++)
		give(c, total);
	for (uint32_t i = 0; i < ram_n; i++)
		machine.memory += ram[i].size;
}

void memory_pools(void)
{
	uint32_t first = 0;

	for (uint32_t c = 0; c < machine.cores; c++) {
		struct range *most = &machine.share[c][0];
		uint64_t sum = 0, pages;

		for (uint32_t i = 0; i < SHARES; i++) {
			sum += machine.share[c][i].size;
			if (machine.share[c][i].size > most->size)
				most = &machine.share[c][i];
		}
		pages = machine_frames(sum);
		if (pages > most->size / MX_PAGE)
			pages = most->size / MX_PAGE;
		machine.pools[c] = (struct mx_pool){first, (uint32_t)pages, most->base};
		most->base += pages * MX_PAGE;
		most->size -= pages * MX_PAGE;
		first += (uint32_t)pages;
	}
	first = (first + 511) & ~511u; /* no page table holds both owned and frozen frames */
	machine.pools[machine.cores] = (struct mx_pool){
	        first, (uint32_t)(machine.bundle.size / MX_PAGE), machine.bundle.base};
}

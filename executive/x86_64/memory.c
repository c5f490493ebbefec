/*
 * Physical memory in the boot phase: what the loader reports, less what is in use.
 *
 * `ram` keeps all memory from 1 MiB up (the direct map wants it); `unused` what nobody has yet.
 * share.c divides that among the cores; from the end of each share come the core's page tables,
 * stack and copy of the data.
 * The first 1 MiB is left alone: firmware lives there, and the cores' trampoline.
 */
#include <string.h>
#include "executive/arch.h"
#include "executive/fifo.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/cpu.h"
#include "executive/x86_64/layout.h"

#define LOW    0x100000ul
#define MAPPED (1ull << 32)

struct range ram[RAM_RANGES];
uint32_t ram_n;
struct range unused[UNUSED_RANGES];
uint32_t unused_n;

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

void memory_split(uint64_t edge)
{
	for (uint32_t i = unused_n; i-- > 0;) {
		uint64_t end = unused[i].base + unused[i].size;

		if (edge <= unused[i].base || edge >= end)
			continue;
		unused[i].size = edge - unused[i].base;
		put(unused, &unused_n, UNUSED_RANGES, edge, end);
	}
}

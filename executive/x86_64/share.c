/*
 * Memory divided among the cores, before any of them runs.
 *
 * Each core gets an equal share, of its own node as far as that goes, then of the nearest (SRAT,
 * SLIT), cut from `unused` in order of address, so that it is one run of pages wherever the machine
 * allows. What the core's tables leave of it (memory_page) is half frames, and more where there is
 * plenty.
 */
#include "executive/arch.h"
#include "executive/fifo.h"
#include "executive/x86_64/boot.h"

#define CRUMB      0x10000ul /* a smaller range is not worth an entry of a share */
#define CORE_LEAST (2ul << 20)

static void sort(struct range *list, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++)
		for (uint32_t j = i; j > 0 && list[j].base < list[j - 1].base; j--) {
			struct range r = list[j];

			list[j] = list[j - 1];
			list[j - 1] = r;
		}
}

static uint64_t unused_bytes(void)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < unused_n; i++)
		sum += unused[i].size;
	return sum;
}

static struct topology *const facts = &machine.topology;

/* SRAT knows; what it does not name, and all where there is none, is node 0's. */
static uint32_t node_of(uint64_t at)
{
	for (uint32_t i = 0; i < facts->ranges_n; i++)
		if (at - facts->ranges[i].base < facts->ranges[i].size)
			return facts->ranges[i].node;
	return 0;
}

/* No range of `unused` lies in two nodes. */
static void split_nodes(void)
{
	for (uint32_t i = 0; i < facts->ranges_n; i++) {
		memory_split(facts->ranges[i].base & -(uint64_t)MX_PAGE);
		memory_split((facts->ranges[i].base + facts->ranges[i].size) & -(uint64_t)MX_PAGE);
	}
}

static uint64_t node_bytes(uint32_t node)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < unused_n; i++)
		sum += node_of(unused[i].base) == node ? unused[i].size : 0;
	return sum;
}

static uint32_t node_cores(uint32_t node)
{
	uint32_t n = 0;

	for (uint32_t c = 0; c < machine.cores; c++)
		n += facts->cores[c].node == node;
	return n;
}

/* Cuts `size` bytes from the front of what is unused in a node for a core; what it could not. */
static uint64_t give(uint32_t core, uint32_t node, uint64_t size)
{
	uint32_t n = 0;

	while (n < SHARES && machine.share[core][n].size)
		n++;
	for (uint32_t i = 0; i < unused_n && n < SHARES && size >= CRUMB; i++) {
		uint64_t part = unused[i].size < size ? unused[i].size : size;

		if (part < CRUMB || node_of(unused[i].base) != node)
			continue;
		machine.share[core][n++] = (struct range){unused[i].base, part};
		unused[i].base += part;
		unused[i].size -= part;
		size -= part;
	}
	return size;
}

/* From all nodes, the nearest first. */
static void give_near(uint32_t core, uint64_t size)
{
	const uint8_t *distance = facts->distance[facts->cores[core].node];
	uint32_t done = 0;

	for (uint32_t n = 0; n < facts->nodes_n && size >= CRUMB; n++) {
		uint32_t best = TOPOLOGY_NODES;

		for (uint32_t i = 0; i < facts->nodes_n; i++)
			if (!(done >> i & 1) &&
			    (best == TOPOLOGY_NODES || distance[i] < distance[best]))
				best = i;
		done |= 1u << best;
		size = give(core, best, size);
	}
}

/* Each has as much, of its own node as far as all cores of that can have it. */
static void give_all(uint64_t size)
{
	uint64_t own[TOPOLOGY_NODES], missing[MX_CORES_MAX];

	for (uint32_t i = 0; i < facts->nodes_n; i++) {
		uint32_t n = node_cores(i);

		own[i] = n ? node_bytes(i) / n & -(uint64_t)MX_PAGE : 0;
		own[i] = own[i] < size ? own[i] : size;
	}
	for (uint32_t c = 0; c < machine.cores; c++) {
		uint32_t node = facts->cores[c].node;

		missing[c] = size - own[node] + give(c, node, own[node]);
	}
	for (uint32_t c = 0; c < machine.cores; c++)
		give_near(c, missing[c]);
}

/* Where nobody told of memory's nodes: all there is. */
static void note_ranges(void)
{
	for (uint32_t i = 0; !facts->ranges_n && i < ram_n; i++)
		facts->ranges[i] = (struct topology_range){ram[i].base, ram[i].size, 0};
	if (!facts->ranges_n)
		facts->ranges_n = ram_n;
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
	note_ranges();
	split_nodes();
	sort(unused, unused_n);
	give_all(unused_bytes() / machine.cores & -(uint64_t)MX_PAGE);
	for (uint32_t i = 0; i < ram_n; i++)
		machine.memory += ram[i].size;
}

/* Of a share in pieces domains are left more: what one of them wants as a run fits not everywhere.
 */
static uint64_t frames_of(uint64_t bytes, uint32_t pieces)
{
	if (pieces > 1 && bytes < 2 * MACHINE_PLENTY)
		return bytes / 2 / MX_PAGE;
	return machine_frames(bytes);
}

void memory_pools(void)
{
	uint32_t first = 0;

	for (uint32_t c = 0; c < machine.cores; c++) {
		struct range *most = &machine.share[c][0];
		uint64_t sum = 0, pages;
		uint32_t pieces = 0;

		for (uint32_t i = 0; i < SHARES; i++) {
			sum += machine.share[c][i].size;
			pieces += machine.share[c][i].size != 0;
			if (machine.share[c][i].size > most->size)
				most = &machine.share[c][i];
		}
		pages = frames_of(sum, pieces);
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

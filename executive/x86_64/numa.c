/* SRAT, SLIT, HMAT: see numa.h. Section numbers are those of ACPI 6.4. */
#include "executive/arch.h"
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/bytes.h"
#include "executive/x86_64/numa.h"

#define SRAT_FIRST 48u
#define SLIT_FIRST 44u
#define HMAT_FIRST 40u
#define LISTS      32u  /* 5.2.27.4: offset of the first list */
#define LIST_MOST  256u /* proximity domains in one; the product still fits */
#define NO_NODE    TOPOLOGY_NODES
#define UNKNOWN    0xffffu /* of a latency or bandwidth: not reachable */

static struct topology *const facts = &machine.topology;

/* Our number of a proximity domain. */
static uint32_t node_of(uint32_t domain)
{
	uint32_t i = 0;

	while (i < facts->nodes_n && facts->nodes[i].domain != domain)
		i++;
	return i < facts->nodes_n ? i : NO_NODE;
}

static uint32_t node_add(uint32_t domain)
{
	uint32_t i = node_of(domain);

	if (i != NO_NODE)
		return i;
	if (facts->nodes_n == TOPOLOGY_NODES) {
		print("SRAT: more than %u nodes; proximity domain %u is left out\n", TOPOLOGY_NODES,
		      domain);
		return NO_NODE;
	}
	facts->nodes[facts->nodes_n].domain = domain;
	return facts->nodes_n++;
}

static void add_core(uint32_t id, uint32_t domain, uint32_t flags)
{
	uint32_t node = flags & 1 ? node_add(domain) : NO_NODE;

	for (uint32_t i = 0; node != NO_NODE && i < acpi.cores; i++)
		if (acpi.core_id[i] == id)
			acpi.core_node[i] = (uint8_t)node;
}

/* 5.2.16.2; memory that is only to be plugged in one day is no memory. */
static void add_range(const uint8_t *e)
{
	uint64_t base = get64(e + 8), size = get64(e + 16);
	uint32_t node;

	if (!(get32(e + 28) & 1) || !size || base + size < base)
		return;
	node = node_add(get32(e + 2));
	if (node == NO_NODE)
		return;
	if (facts->ranges_n == TOPOLOGY_RANGES)
		print("SRAT: more than %u ranges of memory; %lu KiB left out\n", TOPOLOGY_RANGES,
		      size >> 10);
	else
		facts->ranges[facts->ranges_n++] =
		        (struct topology_range){base, size, (uint8_t)node};
}

static void read_srat(const uint8_t *t)
{
	uint32_t length = get32(t + 4), all = t[8] < 2 ? 0 : UINT32_MAX; /* revision 1: 8 bits */

	for (uint32_t i = SRAT_FIRST; i + 2 <= length; i += t[i + 1]) {
		const uint8_t *e = t + i;

		if (e[1] < 2 || e[1] > length - i)
			return;
		if (e[0] == 0 && e[1] >= 16) /* 5.2.16.1: the domain's number is in two parts */
			add_core(e[3], e[2] | (get32(e + 8) & all & ~255u), get32(e + 4));
		else if (e[0] == 1 && e[1] >= 40)
			add_range(e);
		else if (e[0] == 2 && e[1] >= 24) /* 5.2.16.3 */
			add_core(get32(e + 8), get32(e + 4), get32(e + 12));
	}
}

/* Numbered by proximity domain, row by row. */
static void read_slit(const uint8_t *t)
{
	uint32_t room = get32(t + 4) - SLIT_FIRST;
	uint64_t n = get32(t + 4) < SLIT_FIRST ? 0 : get64(t + 36);

	if (n > LIST_MOST || n * n > room)
		return;
	for (uint32_t i = 0; i < n * n; i++) {
		uint32_t from = node_of(i / (uint32_t)n), to = node_of(i % (uint32_t)n);

		if (from != NO_NODE && to != NO_NODE)
			facts->distance[from][to] = t[SLIT_FIRST + i];
	}
}

/* The larger of what is told of reading, writing, and both. */
static void worse(uint32_t *known, uint64_t told, bool latency)
{
	uint32_t v = told > UINT32_MAX ? UINT32_MAX : (uint32_t)told;

	if (!*known || (latency ? v > *known : v < *known))
		*known = v;
}

/* 5.2.27.4, of memory itself: from each initiator (row) to each target. */
static void read_locality(const uint8_t *e, uint32_t length)
{
	uint64_t from_n = get32(e + 12), to_n = get32(e + 16);
	const uint8_t *from = e + LISTS, *to = from + 4 * from_n, *value = to + 4 * to_n;

	if (from_n > LIST_MOST || to_n > LIST_MOST || e[8] & 15 || e[9] > 5 ||
	    LISTS + 4 * (from_n + to_n) + 2 * from_n * to_n > length)
		return;
	for (uint32_t i = 0; i < from_n * to_n; i++) {
		uint32_t a = node_of(get32(from + i / to_n * 4));
		uint32_t b = node_of(get32(to + i % to_n * 4));
		uint64_t v = get16(value + 2 * i);

		if (a == NO_NODE || b == NO_NODE || !v || v == UNKNOWN ||
		    get64(e + 24) > UINT32_MAX)
			continue;
		worse(e[9] < 3 ? &facts->latency[a][b] : &facts->bandwidth[a][b], v * get64(e + 24),
		      e[9] < 3);
	}
}

/* 5.2.27.5: the cache before a node's memory. */
static void read_cache(const uint8_t *e)
{
	uint32_t node = node_of(get32(e + 8)), attributes = get32(e + 24);

	if (node == NO_NODE)
		return;
	if (facts->caches_n == TOPOLOGY_CACHES) {
		print("HMAT: more than %u caches; one is left out\n", TOPOLOGY_CACHES);
		return;
	}
	facts->caches[facts->caches_n++] =
	        (struct topology_cache){.size = get64(e + 16),
	                                .line = (uint16_t)(attributes >> 16),
	                                .ways = (attributes >> 8 & 15) == 1, /* direct mapped */
	                                .level = attributes >> 4 & 15,
	                                .type = CACHE_MEMORY,
	                                .node = (uint8_t)node};
}

static void read_hmat(const uint8_t *t)
{
	uint32_t size = get32(t + 4), length;

	for (uint32_t i = HMAT_FIRST; i + 8 <= size; i += length) {
		const uint8_t *e = t + i;

		length = get32(e + 4);
		if (length < 8 || length > size - i)
			return;
		if (get16(e) == 1 && length >= LISTS)
			read_locality(e, length);
		else if (get16(e) == 2 && length >= 32)
			read_cache(e);
	}
}

void numa_read(const uint8_t *srat, const uint8_t *slit, const uint8_t *hmat)
{
	if (srat)
		read_srat(srat);
	if (slit)
		read_slit(slit);
	if (hmat)
		read_hmat(hmat);
}

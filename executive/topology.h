/*
 * What the machine is made of, as firmware and processors told it at boot: facts, not yet records.
 *
 * Filled once by the boot phase (x86_64/) or the process (linux/host/), a part of struct machine,
 * and so in every executive's copy alike; each makes its replica of the lattice of it (facts.c).
 * Rules: nodes have numbers of our own, in the order in which firmware named them; there is one at
 * least. What nobody told is 0. All of it was checked where it was read.
 */
#ifndef EXECUTIVE_TOPOLOGY_H
#define EXECUTIVE_TOPOLOGY_H

#include <stdbool.h>
#include <stdint.h>
#include <moxie/abi.h>

#define TOPOLOGY_NODES     16u
#define TOPOLOGY_RANGES    32u
#define TOPOLOGY_CACHES    (4 * MX_CORES_MAX + TOPOLOGY_NODES)
#define TOPOLOGY_FUNCTIONS 64u
#define TOPOLOGY_NEAR      10u /* SLIT's distance from a node to itself, ACPI 6.4, 5.2.17 */
#define TOPOLOGY_FAR       20u /* between any other two, where nobody tells */

/* One that an executive runs on: a hardware thread. */
struct topology_core {
	uint16_t package;
	uint16_t physical; /* which core of the package */
	uint16_t thread;   /* and which of that core's threads */
	uint8_t node;
};

enum topology_cache_type { CACHE_NONE, CACHE_DATA, CACHE_CODE, CACHE_UNIFIED, CACHE_MEMORY };
struct topology_cache {
	uint64_t size;  /* bytes */
	uint32_t id;    /* of its level and type: the same at all cores that share it */
	uint32_t cores; /* set of them; of CACHE_MEMORY: those of its node */
	uint16_t line, ways;
	uint8_t level, type; /* enum topology_cache_type */
	uint8_t node;        /* CACHE_MEMORY: before whose memory it stands */
};

struct topology_node {
	uint32_t domain; /* firmware's name for it: the proximity domain */
};

struct topology_range {
	uint64_t base, size;
	uint8_t node;
};

struct topology_function {
	uint16_t address; /* PCI bus << 8 | device << 3 | function */
	uint16_t vendor, device;
	uint32_t class;   /* class << 16 | subclass << 8 | interface */
	uint16_t vectors; /* MSI-X */
	uint8_t pin;      /* INTA .. INTD as 1 .. 4; 0: none */
};

struct topology {
	uint32_t nodes_n, ranges_n, caches_n, functions_n;
	struct topology_core cores[MX_CORES_MAX]; /* machine.cores of them */
	struct topology_cache caches[TOPOLOGY_CACHES];
	struct topology_node nodes[TOPOLOGY_NODES];
	struct topology_range ranges[TOPOLOGY_RANGES];
	uint8_t distance[TOPOLOGY_NODES][TOPOLOGY_NODES];
	uint32_t latency[TOPOLOGY_NODES][TOPOLOGY_NODES];   /* of memory: ps; 0: not told */
	uint32_t bandwidth[TOPOLOGY_NODES][TOPOLOGY_NODES]; /* MB/s; likewise */
	struct topology_function functions[TOPOLOGY_FUNCTIONS];
};

/* The cache that the core has a part of, new or known; false: there are too many. */
bool topology_cache(struct topology *t, uint32_t core, const struct topology_cache *c);
/* After all else: one node where nobody told of any, distances where nobody told them. */
void topology_finish(struct topology *t, uint32_t cores);

#endif

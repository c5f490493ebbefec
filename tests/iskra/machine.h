/*
 * Machines that do not exist, as a lattice: for the tests of the queries and for their benchmark.
 *
 * Rules: what a machine is made of follows from its shape and the seed alone.
 */
#ifndef TESTS_ISKRA_MACHINE_H
#define TESTS_ISKRA_MACHINE_H

#include "iskra/iskra.h"

/* From the outside in. */
enum depth { NODES, PACKAGES, L3S, L2S, PHYSICALS, THREADS, DEPTHS };

/* How many of each are in one of the next outer. */
struct shape {
	uint32_t n[DEPTHS];
};

/* The way to a core: which of each, counted in the next outer. */
struct way {
	uint32_t n[DEPTHS];
};

uint32_t shape_cores(const struct shape *s);
struct way shape_way(const struct shape *s, uint32_t core);

/* Random loads, free memory, costs and distances, room for so many more records; to be freed. */
struct iskra *machine_build(const struct shape *s, uint32_t more);

void machine_seed(uint64_t seed);
uint32_t machine_dice(uint32_t sides);

#endif

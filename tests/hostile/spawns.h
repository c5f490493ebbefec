/*
 * Random spawn traps of a parent: create, bind, start, kill, stat, with requests that are good, or
 * nearly so. What is known of the children is compared with what the executive says.
 */
#ifndef HOSTILE_SPAWNS_H
#define HOSTILE_SPAWNS_H

#include "tests/hostile/held.h"

/* What a child of the fuzzer is told. */
struct fuzz_args {
	uint64_t seed;
	uint64_t image, image_len; /* its own, for children of its own */
	uint32_t steps;
	uint8_t window, parent;
};

#define FUZZ_OWNING 16u   /* depth of the owning slots 2 and 3, which everybody has */
#define FUZZ_TOUCH  0xbad /* in a page: where a child touches what is not its own */
#define FUZZ_FAIL   1000  /* from here on an exit status names a broken invariant: must_fail */

void spawns_open(uint64_t image, uint64_t image_len, uint32_t children, bool root);
void spawns_step(void); /* one random spawn trap */
void spawns_event(const struct mx_msg *m);
void spawns_end_all(void); /* kills the living; what others left is forgotten */
uint32_t spawns_n(void);   /* children that have not ended */
extern uint64_t spawns_traps, spawns_made, spawns_ends[16]; /* so far; ends by enum mx_cause */

#endif

/*
 * Longest-prefix match for both families: a tree bitmap (Eatherton, Varghese, Dittia, 2004).
 *
 * Interface: lpm_insert adds or replaces a prefix, lpm_find returns the value of the longest
 * prefix that covers a key, 0 when none does. Values are not 0.
 * Rules: keys are left-aligned (IPv4 in the top 32 bits). Memory comes from mx_heap in pieces and
 * is never given back; blocks that outgrow their size serve smaller needs again.
 *
 * Shape: 128 roots by the first 7 bits, then nodes of 6 bits each, so that /13, /19, /25 and with
 * them the crowded lengths /24 and /48 end inside a node instead of opening another. A node has
 * a bit for each prefix of 0..5 more bits that ends in it and a bit for each of 64 children; the
 * children stand side by side, as do the values, and the bits before one's own count to its place.
 */
#ifndef ROUTER_LPM_H
#define ROUTER_LPM_H

#include "wire.h"

#define LPM_ROOT_BITS 7u
#define LPM_ROOTS     (1u << LPM_ROOT_BITS)

struct lpm_node {
	uint64_t inner; /* bit (1 << length | bits): a prefix ends here */
	uint64_t outer; /* bit v: child v exists */
	struct lpm_node *child;
	uint32_t *value;
};

struct lpm {
	struct lpm_node root[LPM_ROOTS];
	uint32_t top_value[LPM_ROOTS]; /* the longest prefix shorter than 7 bits */
	uint8_t top_length[LPM_ROOTS];
};

/* False when memory is used up; the table is as before. */
bool lpm_insert(struct lpm *t, struct ip key, uint32_t length, uint32_t value);
uint32_t lpm_find(const struct lpm *t, struct ip key);
uint64_t lpm_memory(void); /* bytes taken from the heap, all tables */

#endif

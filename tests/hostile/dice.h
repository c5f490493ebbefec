/*
 * Numbers by which a hostile domain chooses: the same ones for the same seed.
 */
#ifndef HOSTILE_DICE_H
#define HOSTILE_DICE_H

#include <stdbool.h>
#include <stdint.h>

uint64_t dice_mix(uint64_t x); /* another number for each x */
void dice_seed(uint64_t seed);
uint64_t dice(void);
uint32_t dice_below(uint32_t n); /* 0 .. n - 1; n > 0 */
uint64_t dice_edge(void);        /* a number at which something might break */

static inline bool one_in(uint32_t n)
{
	return dice_below(n) == 0;
}

#endif

/* Seeded numbers: see dice.h. */
#include "tests/hostile/dice.h"

static uint64_t state = 1;

uint64_t dice_mix(uint64_t x) /* splitmix64, Steele, Lea and Flood 2014 */
{
	x += 0x9e3779b97f4a7c15ull;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

void dice_seed(uint64_t seed)
{
	state = dice_mix(seed) | 1;
}

uint64_t dice(void) /* xorshift64*, Vigna 2016 */
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dull;
}

uint32_t dice_below(uint32_t n)
{
	return (uint32_t)((dice() >> 32) * n >> 32);
}

/* Powers of two, and what is beside them; the whole register, or a part of it. */
uint64_t dice_edge(void)
{
	uint64_t r = dice(), bit = 1ull << (r & 63), near = (r >> 8 & 3) - 1;

	switch (r >> 16 & 3) {
	case 0:
		return bit + near;
	case 1:
		return (bit + near) & 0xffffffff;
	case 2:
		return -(bit + near);
	default:
		return dice() >> (r >> 24 & 63);
	}
}

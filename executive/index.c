/* The indices of this core's domains: see domain.h. */
#include "executive/domain.h"

_Static_assert(DOMAINS <= 64, "held is one word");
static uint64_t held;
static uint16_t generations[DOMAINS];

uint32_t index_free(void)
{
	for (uint32_t i = 1; i < DOMAINS; i++)
		if (!domains[i] && !index_held(i))
			return i;
	return 0;
}

void index_hold(uint32_t index)
{
	held |= 1ull << index;
}

void index_drop(uint32_t index)
{
	held &= ~(1ull << index);
}

bool index_held(uint32_t index)
{
	return held >> index & 1;
}

uint16_t index_generation(uint32_t index)
{
	return ++generations[index];
}

/* Time: the processor's counter, scaled as the boot page says. */
#include "loop.h"

static uint64_t base, mult;

void mx_time_open(void)
{
	base = mx_boot->tsc_base;
	mult = mx_boot->tsc_mult;
}

uint64_t mx_now(void)
{
	uint64_t ticks = __builtin_ia32_rdtsc() - base;

	return (uint64_t)(((unsigned __int128)ticks * mult) >> 32);
}

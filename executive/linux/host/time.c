/* Time: the TSC, scaled by a comparison with the kernel's clock at the start. */
#include <time.h>
#include "executive/linux/host/boot.h"

#define S    1000000000ull
#define SPAN (S / 250) /* of the comparison: two readings of 50 ns make 25 ppm of it */

static uint64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * S + (uint64_t)t.tv_nsec;
}

void time_open(void)
{
	uint64_t clock = clock_now(), tsc = __builtin_ia32_rdtsc(), elapsed;

	do
		elapsed = clock_now() - clock;
	while (elapsed < SPAN);
	host_machine.tsc_base = tsc;
	host_machine.tsc_mult =
	        (uint64_t)(((unsigned __int128)elapsed << 32) / (__builtin_ia32_rdtsc() - tsc));
}

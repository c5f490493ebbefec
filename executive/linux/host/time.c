/* Time: the TSC, scaled by a comparison with the kernel's clock at the start. */
#include <time.h>
#include "executive/linux/host/boot.h"

#define S        1000000000ull
#define READINGS 16u
#define SPAN     (S / 250) /* of the comparison: two readings of 50 ns make 25 ppm of it */

static uint64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * S + (uint64_t)t.tv_nsec;
}

/* Both at one moment: of some readings the one that was interrupted least. A busy host takes the
   processor away in between, for longer than the comparison is. */
static void read_both(uint64_t *clock, uint64_t *tsc)
{
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i < READINGS; i++) {
		uint64_t before = __builtin_ia32_rdtsc(), now = clock_now();
		uint64_t took = __builtin_ia32_rdtsc() - before;

		if (took >= least)
			continue;
		least = took;
		*clock = now;
		*tsc = before + took / 2;
	}
}

void time_open(void)
{
	uint64_t clock, tsc, clock_end, tsc_end;

	read_both(&clock, &tsc);
	while (clock_now() - clock < SPAN)
		;
	read_both(&clock_end, &tsc_end);
	host_machine.tsc_base = tsc;
	host_machine.tsc_mult =
	        (uint64_t)(((unsigned __int128)(clock_end - clock) << 32) / (tsc_end - tsc));
}

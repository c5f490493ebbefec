/*
 * What the files of the probe share: the cases, and the check that ends one.
 */
#ifndef GUEST_PROBE_H
#define GUEST_PROBE_H

#include "tests/guest/raw.h"

/* A case that fails exits with the line of the check; the suite prints it. */
#define CHECK(x)                                                                                   \
	do {                                                                                       \
		if (!(x))                                                                          \
			return __LINE__;                                                           \
	} while (0)

#define PROBE_LIMIT (5 * MX_S) /* longest wait of a probe */

typedef uint32_t probe_run(const struct guest_args *args);
/* Files by subject; each runs the cases it knows. */
probe_run probe_memory, probe_cpu, probe_trap, probe_send, probe_frames, probe_plain, probe_keep,
        probe_device, probe_move;

static inline uint64_t probe_deadline(void)
{
	return mx_now() + PROBE_LIMIT;
}
/* A request for another probe, without slots, on this core. */
void probe_request(struct mx_spawn *q, uint64_t image, uint64_t length,
                   const struct guest_args *args);
uint32_t probe_frame(void); /* one frame of the pool; the probe ends when there is none */
void touch_read(uint64_t address);
void touch_write(uint64_t address);
void touch_jump(uint64_t address);

#endif

/* Is everything home? What each core has free, compared with the beginning. */
#include <moxie/cpio.h>
#include "tests/guest/suite.h"

static uint64_t memory[MX_CORES_MAX]; /* free at the beginning */

bool image_find(const char *name, uint64_t *at, uint64_t *length)
{
	struct mx_cpio_entry entry;

	if (!mx_cpio_find(mx_boot->bundle.base, mx_boot->bundle.size, name, &entry))
		return false;
	*at = entry.offset;
	*length = entry.size;
	return true;
}

int64_t suite_spawn(uint64_t op, const void *argument)
{
	return mx_trap(MX_TRAP_SPAWN, op, (uint64_t)(uintptr_t)argument, 0);
}

static struct mx_stat stat(uint32_t core)
{
	struct mx_stat s = {.core = core};

	mx_assert(suite_spawn(MX_SPAWN_STAT, &s) == MX_OK);
	return s;
}

void home_remember(void)
{
	for (uint32_t core = 0; core < mx_boot->cores; core++)
		memory[core] = stat(core).memory_free;
}

static const char *look(void)
{
	uint32_t away = 0;

	for (uint32_t core = 0; core < mx_boot->cores; core++) {
		struct mx_stat s = stat(core);

		away += s.pool - s.pool_free;
		if (s.memory_free != memory[core])
			return because("core %u has %ld bytes less than before", core,
			               (long)(memory[core] - s.memory_free));
	}
	if (away != mx_boot->exchange->held)
		return because("%u frames are away, the suite holds %u", away,
		               mx_boot->exchange->held);
	return NULL;
}

/* Frames and the memory of ended domains come home step by step. */
const char *home_check(void)
{
	uint64_t deadline = mx_now() + 2 * MX_S;
	const char *why;

	while ((why = look()) && mx_now() < deadline)
		raw_exchange(0, mx_now() + MX_MS);
	return why;
}

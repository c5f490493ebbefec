/* Owners of frames: see owners.h. The runtime asks when it has found something. */
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <string.h>
#include "executive/linux/host/host.h"
#include "executive/linux/sanitized/host/owners.h"

#define FRAMES (HOST_CORES * MACHINE_FRAMES)

static struct owner {
	char now[MX_NAME], before[MX_NAME];
} owners[FRAMES];

void owners_note(uint32_t frame, const char *name)
{
	struct owner *o = &owners[frame];

	if (o->now[0])
		memcpy(o->before, o->now, MX_NAME);
	o->now[0] = 0;
	if (name)
		memcpy(o->now, name, MX_NAME);
}

#pragma weak __asan_get_report_address

void __asan_on_error(void);

void __asan_on_error(void)
{
	uint64_t at = (uint64_t)__asan_get_report_address(),
	         frame = (at - (uint64_t)host_pools) / MX_PAGE;

	if (at < (uint64_t)host_pools || frame >= FRAMES)
		return;
	fprintf(stderr, "moxie-linux: frame %lu: %s has it, %s had it before\n", frame,
	        owners[frame].now[0] ? owners[frame].now : "nobody",
	        owners[frame].before[0] ? owners[frame].before : "nobody");
}

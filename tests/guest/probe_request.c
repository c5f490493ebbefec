/* A probe asks for another probe: see probe.h. */
#include "tests/guest/probe.h"

void probe_request(struct mx_spawn *q, uint64_t image, uint64_t length,
                   const struct guest_args *args)
{
	*q = (struct mx_spawn){.core = mx_boot->core,
	                       .flags = MX_SPAWN_WINDOW,
	                       .image = image,
	                       .image_len = length,
	                       .stack = 4,
	                       .quota = QUOTA,
	                       .misuse = UINT32_MAX,
	                       .device = -1,
	                       .args_len = sizeof *args};
	memcpy(q->args, args, sizeof *args);
}

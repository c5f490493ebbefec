/* The screen below the executive's lines; init tells its measures (moxie/screen.h). */
#include <string.h>
#include <moxie/domain.h>
#include <moxie/screen.h>
#include "console/screen.h"

#define GREY 0xb0b0b0u

static struct mx_screen screen;
static bool on;

bool screen_open(void)
{
	const struct mx_region *framebuffer = &mx_boot->bars[0];
	struct mx_screen_info info;

	if (!framebuffer->size || mx_boot->args_len < sizeof info)
		return false;
	memcpy(&info, mx_boot->args, sizeof info);
	if ((uint64_t)info.pitch * info.height > framebuffer->size)
		return false;
	on = mx_screen_open(&screen, framebuffer->base, &info, MX_SCREEN_TOP, UINT32_MAX, GREY);
	return on;
}

void screen_write(const char *text, uint32_t length)
{
	for (uint32_t i = 0; on && i < length; i++)
		mx_screen_put(&screen, text[i]);
}

/*
 * The screen: a framebuffer that the loader found (start_info.h), for the boot phase and last
 * words. The lines below those belong to the console domain.
 *
 * Rules: it is the device's memory, so one that overlaps RAM is not used; of a larger one than a
 * domain can be shown (executive/space.h) the upper part is used.
 */
#include <moxie/screen.h>
#include "executive/arch.h"
#include "executive/space.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/layout.h"
#include "executive/x86_64/screen.h"

#define WHITE 0xffffffu

static struct mx_screen screen;
static bool on;

static bool overlaps_ram(uint64_t base, uint64_t end)
{
	for (uint32_t i = 0; i < ram_n; i++)
		if (base < ram[i].base + ram[i].size && ram[i].base < end)
			return true;
	return false;
}

void screen_offer(const struct start_screen *s)
{
	struct mx_screen_info info = {s->width, s->height, s->pitch};
	uint64_t size;

	if (!info.pitch || info.pitch % 4 || s->base % MX_PAGE)
		return;
	if (info.height > AT_BAR_SIZE / info.pitch)
		info.height = (uint32_t)(AT_BAR_SIZE / info.pitch);
	size = ((uint64_t)info.height * info.pitch + MX_PAGE - 1) & -(uint64_t)MX_PAGE;
	if (!size || s->base + size < s->base || overlaps_ram(s->base, s->base + size)) {
		print("loader: no screen can be at %#lx; ignored\n", s->base);
		return;
	}
	machine.screen = info;
	machine.framebuffer = (struct range){s->base, size};
}

void screen_start(void)
{
	if (!machine.framebuffer.size)
		return;
	tables_screen();
	on = mx_screen_open(&screen, (void *)CORE_SCREEN, &machine.screen, 0, MX_SCREEN_TOP, WHITE);
}

void screen_write(const char *text, uint32_t n)
{
	for (uint32_t i = 0; on && i < n; i++)
		mx_screen_put(&screen, text[i]);
}

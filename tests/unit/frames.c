/*
 * See frames.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "tests/unit/frames.h"

static _Alignas(4096) uint8_t window[(FRAMES + 1) * MX_PAGE];
static bool out[FRAMES];

struct mx_boot frames_boot;
struct mx_msg frames_sent[1024];
uint32_t frames_sent_n, frames_credit, frames_again, frames_thirst;
uint64_t frames_wake, frames_now, frames_bus;

const struct mx_boot *mx_boot = &frames_boot;
uint64_t mx_notify_mask;

void frames_reset(void)
{
	memset(&frames_boot, 0, sizeof(frames_boot));
	frames_boot.window = window;
	frames_bus = FRAME_BUS;
	memset(out, 0, sizeof(out));
	frames_sent_n = frames_again = frames_thirst = 0;
	frames_credit = 1024;
	frames_wake = 0;
	frames_now = 1;
	mx_notify_mask = 0;
}

uint32_t frames_out(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < FRAMES; i++)
		n += out[i];
	return n;
}

bool frames_is_out(uint32_t frame)
{
	return frame < FRAMES && out[frame];
}

uint32_t mx_alloc(void)
{
	for (uint32_t i = 0; i < FRAMES; i++) {
		if (!out[i]) {
			out[i] = true;
			return i;
		}
	}
	return MX_NOFRAME;
}

void mx_free(uint32_t frame)
{
	if (frame >= FROZEN)
		return;
	assert_true(out[frame]);
	out[frame] = false;
}

uint64_t mx_bus(uint32_t frame)
{
	return frame <= FROZEN ? frames_bus + (uint64_t)frame * MX_PAGE : 0;
}

bool mx_is_frozen(uint32_t frame)
{
	return frame >= FROZEN;
}

int mx_send(uint32_t slot, struct mx_msg *chain, uint32_t n)
{
	if (frames_credit < n)
		return MX_ECREDIT;
	frames_credit -= n;
	for (uint32_t i = 0; i < n; i++) {
		frames_sent[frames_sent_n] = chain[i];
		frames_sent[frames_sent_n++].slot = (uint8_t)slot;
	}
	return MX_OK;
}

uint32_t mx_credit(uint32_t slot)
{
	(void)slot;
	return frames_credit;
}

void mx_thirst(uint32_t slot)
{
	(void)slot;
	frames_thirst++;
}

void mx_again(void)
{
	frames_again++;
}

void mx_wake_at(uint64_t ns)
{
	if (frames_wake == 0 || ns < frames_wake)
		frames_wake = ns;
}

uint64_t mx_now(void)
{
	return frames_now;
}

void mx_panic(const char *format, ...)
{
	fail_msg("mx_panic: %s", format);
	__builtin_unreachable();
}

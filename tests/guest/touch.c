/* Ways to touch an address, and a frame to do it with: what probes and hostile domains share. */
#include "tests/guest/probe.h"

uint32_t probe_frame(void)
{
	uint32_t frame;

	if (raw_take(&frame, 1, probe_deadline()) != 1)
		mx_exit(__LINE__);
	return frame;
}

void touch_read(uint64_t address)
{
	(void)*(volatile uint8_t *)address;
}

void touch_write(uint64_t address)
{
	*(volatile uint8_t *)address = 1;
}

void touch_jump(uint64_t address)
{
	__asm__ volatile("call *%0" : : "r"(address) : "memory");
}

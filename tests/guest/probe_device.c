/* A device's owner and sharer: who may start it, and what is left of it once it was stopped. */
#include "tests/guest/probe.h"

static uint16_t read16(uint64_t where)
{
	const uint8_t *bar = mx_boot->bars[where >> 32].base;

	return *(const volatile uint16_t *)(const void *)(bar + (uint32_t)where);
}

static int64_t start(void)
{
	return mx_trap(MX_TRAP_DEVICE, 0, 0, 0);
}

static uint32_t owner(uint64_t where)
{
	CHECK(read16(where) != 0 && read16(where) != 0xffff);
	CHECK(start() == MX_OK);
	CHECK(start() == MX_OK);
	raw_out(SLOT_OWN, MX_NOFRAME, 0)->body[0] = 1;
	CHECK(raw_submit() == MX_OK);
	while (!(raw_pending >> SLOT_PLAIN & 1))
		raw_exchange(MX_BATCH, probe_deadline());
	CHECK(start() == MX_EPEER);
	CHECK(read16(where) != 0 && read16(where) != 0xffff);
	CHECK(start() == MX_EPEER);
	return 0;
}

uint32_t probe_device(const struct guest_args *args)
{
	if (args->which == PROBE_OWNER)
		return owner(args->b);
	CHECK(start() == MX_EPERM);
	return 0;
}

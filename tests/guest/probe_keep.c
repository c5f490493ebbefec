/* What a domain leaves and its heir finds; and a parent that ends while its children leave
 * something. */
#include <moxie/kept.h>
#include "tests/guest/probe.h"

#define MOST 200u /* children that one core can keep something of: fewer */

static uint64_t word MX_KEPT;
static struct mx_spawn child;

static uint32_t keep(uint32_t leave, uint64_t find)
{
	const uint64_t *left = mx_left(&word, sizeof word);

	CHECK(!left == !find);
	CHECK(!left || *left == find);
	CHECK(word == 0); /* its own is fresh */
	word = leave;
	raw_out(SLOT_OWN, MX_NOFRAME, 0)->body[0] = leave;
	CHECK(raw_submit() == MX_OK);
	while (!(raw_pending >> SLOT_PLAIN & 1))
		raw_exchange(MX_BATCH, probe_deadline());
	return 0;
}

static uint32_t write_left(void)
{
	const uint64_t *left = mx_left(&word, sizeof word);

	CHECK(left);
	touch_read((uint64_t)(uintptr_t)left);
	touch_write((uint64_t)(uintptr_t)left);
	return __LINE__;
}

static int64_t create(uint32_t heir)
{
	child.keep.heir = heir;
	return mx_trap(MX_TRAP_SPAWN, MX_SPAWN_CREATE, (uint64_t)(uintptr_t)&child, 0);
}

static bool end(int64_t handle)
{
	uint64_t deadline = probe_deadline();
	struct mx_msg m;

	if (mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, (uint64_t)handle, 0) != MX_OK)
		return false;
	while (mx_now() < deadline)
		if (raw_recv(&m, deadline) && m.kind == MX_EVENT_CHILD && m.body[0] == handle)
			return true;
	return false;
}

/* Until no core keeps more; what was forgotten makes room again. Then it ends with all of it. */
static uint32_t many(void)
{
	int64_t handle, last = 0;
	uint32_t n = 0;

	while ((handle = create(0)) > 0 && n++ < MOST) {
		CHECK(end(handle));
		last = handle;
	}
	CHECK(n > 1 && n < MOST && handle == MX_ENOMEM);
	CHECK(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_FORGET, (uint64_t)last, 0) == MX_OK);
	CHECK(create(0) > 0);
	CHECK(create(0) == MX_ENOMEM);
	return 0;
}

static uint32_t parent(uint32_t how, uint32_t core)
{
	int64_t handle;

	child = (struct mx_spawn){.core = core, .stack = 4, .device = -1};
	memcpy(&child.image, mx_boot->args + sizeof(struct guest_args), 2 * sizeof child.image);
	child.keep.pages = 8;
	if (how == KEEPS_MANY)
		return many();
	handle = create(0);
	CHECK(handle > 0);
	if (how == KEEPS_ALIVE)
		CHECK(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, (uint64_t)handle, 0) == MX_OK);
	if (how == KEEPS_ENDED) {
		CHECK(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, (uint64_t)handle, 0) == MX_OK);
		for (uint32_t i = 0; i < 10; i++)
			raw_yield(); /* it ends, and nobody asks */
	}
	if (how == KEEPS_LEFT || how == KEEPS_HEIR)
		CHECK(end(handle));
	if (how == KEEPS_HEIR)
		CHECK(create((uint32_t)handle) > 0);
	return 0;
}

uint32_t probe_keep(const struct guest_args *args)
{
	switch (args->which) {
	case PROBE_KEEP:
		return keep(args->a, args->b);
	case PROBE_KEEP_WRITE:
		return write_left();
	default:
		return parent(args->a, (uint32_t)args->b);
	}
}

/* Memory a domain may not touch: each of these is to end in a fault, unless a check says else. */
#include "tests/guest/probe.h"

static void touch(uint64_t address, uint32_t access)
{
	if (access == ACCESS_READ)
		touch_read(address);
	else if (access == ACCESS_WRITE)
		touch_write(address);
	else
		touch_jump(address);
}

static uint64_t address_of(uint32_t frame)
{
	return (uint64_t)(uintptr_t)mx_frame(frame);
}

static uint32_t use_sent(uint32_t access)
{
	uint32_t frame = probe_frame();

	touch_write(address_of(frame)); /* so that the translation is cached */
	raw_out(SLOT_OWN, frame, 0);
	CHECK(raw_submit() == MX_OK);
	touch(address_of(frame), access);
	return __LINE__;
}

/* Nobody else runs between: the translations go with the frames, be they few or many. */
static uint32_t use_freed(uint32_t access, uint32_t n)
{
	uint32_t frames[MX_BATCH];

	CHECK(raw_take(frames, n, probe_deadline()) == n);
	for (uint32_t i = 0; i < n; i++)
		touch_write(address_of(frames[i]));
	for (uint32_t i = 0; i < n; i++)
		raw_free(frames[i]);
	raw_yield();
	touch(address_of(frames[n - 1]), access);
	return __LINE__;
}

/* 21 messages came at once, and 20 are collected: the last one's frame is ours, but not yet. */
static uint32_t use_early(void)
{
	struct mx_exchange *x = mx_boot->exchange;

	CHECK(raw_exchange(MX_CHAIN_MAX, probe_deadline()) == MX_CHAIN_MAX);
	touch_read(address_of(x->in[0].body[0]));
	return __LINE__;
}

static uint32_t use_received(void)
{
	struct mx_msg m;

	CHECK(raw_recv(&m, probe_deadline()));
	touch_read(address_of(m.frame));
	return __LINE__;
}

static uint32_t frozen_sent(void)
{
	uint32_t frame = mx_boot->pools[mx_boot->cores].first;

	CHECK(mx_is_frozen(frame));
	CHECK(!memcmp(mx_frame(frame), "070701", 6));
	for (uint32_t i = 0; i < 3; i++) {
		raw_out(SLOT_OWN, frame, 0);
		CHECK(raw_submit() == MX_OK);
		CHECK(!memcmp(mx_frame(frame), "070701", 6));
	}
	raw_free(frame);
	mx_boot->exchange->free[mx_boot->exchange->free_n++] = frame; /* refused, and counted */
	raw_yield();
	CHECK(mx_boot->exchange->bad == 1);
	CHECK(!memcmp(mx_frame(frame), "070701", 6));
	return 0;
}

static uint32_t own_memory(uint32_t what)
{
	static uint8_t data[16] = {0xc3}; /* ret */
	uint8_t stack[16] = {0xc3};
	uint32_t frame;

	switch (what) {
	case OWN_BOOT:
		touch_write((uint64_t)(uintptr_t)mx_boot);
		break;
	case OWN_RING:
		touch_read((uint64_t)(uintptr_t)mx_boot->slots[SLOT_PLAIN].rx);
		touch_write((uint64_t)(uintptr_t)mx_boot->slots[SLOT_PLAIN].rx);
		break;
	case OWN_TEXT:
		touch_write((uint64_t)(uintptr_t)probe_memory);
		break;
	case OWN_DATA:
		touch_jump((uint64_t)(uintptr_t)data);
		break;
	case OWN_STACK:
		touch_jump((uint64_t)(uintptr_t)stack);
		break;
	case OWN_HEAP:
		*(uint8_t *)mx_boot->heap.base = 0xc3;
		touch_jump((uint64_t)(uintptr_t)mx_boot->heap.base);
		break;
	case OWN_EXCHANGE:
		mx_boot->exchange->out_n = 0xc3;
		touch_jump((uint64_t)(uintptr_t)mx_boot->exchange);
		break;
	case OWN_FRAME:
		frame = probe_frame();
		*(uint8_t *)mx_frame(frame) = 0xc3;
		touch_jump(address_of(frame));
		break;
	}
	return __LINE__;
}

/* It goes on as long as the byte is 1. Each call's memory is used behind the next: no loop. */
static uint32_t deeper(volatile uint8_t *above)
{
	volatile uint8_t here[1024];

	here[0] = above[0];
	if (!here[0])
		return 0;
	return deeper(here) + here[0] + above[0];
}

/* By the owner's addresses: a sharer's other BARs are not even named. */
static uint64_t bar_address(uint64_t where)
{
	const struct mx_region *given = mx_boot->bars;
	uint32_t bar = (uint32_t)(where >> 32);

	for (uint32_t i = 0; i < MX_BARS; i++)
		if (given[i].base) /* they lie 16 MiB apart: docs/abi.md */
			return (uint64_t)(uintptr_t)given[i].base + ((uint64_t)bar << 24) -
			       ((uint64_t)i << 24) + (uint32_t)where;
	return 0;
}

uint32_t probe_memory(const struct guest_args *args)
{
	uint8_t first = 1;

	switch (args->which) {
	case PROBE_USE_SENT:
		return args->b ? use_freed(args->a, (uint32_t)args->b) : use_sent(args->a);
	case PROBE_USE_EARLY:
		return use_early();
	case PROBE_USE_FRAME:
		touch(address_of(args->a), (uint32_t)args->b);
		return __LINE__;
	case PROBE_USE_RECEIVED:
		return use_received();
	case PROBE_USE_FROZEN:
		touch(address_of(mx_boot->pools[mx_boot->cores].first), (uint32_t)args->b);
		return 0;
	case PROBE_FROZEN_SENT:
		return frozen_sent();
	case PROBE_ADDRESS:
		touch(args->b, args->a);
		return __LINE__;
	case PROBE_BAR:
		touch(bar_address(args->b), args->a);
		return 0;
	case PROBE_OWN_MEMORY:
		return own_memory(args->a);
	default:
		return deeper(&first);
	}
}

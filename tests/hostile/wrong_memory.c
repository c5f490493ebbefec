/* Memory that is not there, or not for this: each access must end the domain. */
#include "tests/hostile/wrong.h"

#define IMAGE      0x40000000ull /* docs/abi.md; the rest stands in the boot page */
#define STACK_TOP  0x700f0000ull
#define STACK_MOST (64 * MX_PAGE)
#define RINGS      0x70200000ull
#define RING_PAIRS (MX_SLOTS * 2ull * MX_RING_BYTES)
#define THREAD     0x70065000ull

extern const uint8_t _end[]; /* of the image, by the linker */

static bool inside(uint64_t at, const void *base, uint64_t size)
{
	return at - ((uint64_t)(uintptr_t)base & ~(MX_PAGE - 1ull)) <
	       ((size + MX_PAGE - 1) & ~(MX_PAGE - 1ull)) + ((uintptr_t)base & (MX_PAGE - 1));
}

/* It might be the domain's own. The rings' area is left to wrong_channels.c. */
static bool own(uint64_t at)
{
	const struct mx_pool *frozen = &mx_boot->pools[mx_boot->cores];
	bool mine = inside(at, (void *)IMAGE, (uint64_t)(uintptr_t)_end - IMAGE) ||
	            inside(at, mx_boot->heap.base, mx_boot->heap.size) ||
	            inside(at, mx_boot->dma.base, mx_boot->dma.size) ||
	            inside(at, mx_boot, MX_PAGE) ||
	            inside(at, mx_boot->exchange, sizeof *mx_boot->exchange) ||
	            inside(at, mx_boot->kept.pages.base, mx_boot->kept.pages.size) ||
	            inside(at, (void *)THREAD, MX_PAGE) ||
	            inside(at, (void *)(STACK_TOP - STACK_MOST), STACK_MOST) ||
	            inside(at, (void *)RINGS, RING_PAIRS) ||
	            (wrong_window &&
	             inside(at, mx_frame(frozen->first), frozen->count * (uint64_t)MX_PAGE));

	for (uint32_t i = 0; i < MX_BARS; i++)
		mine |= inside(at, mx_boot->bars[i].base, mx_boot->bars[i].size);
	return mine;
}

/* Just beside what is there, anywhere, or where the executive lives. */
static uint64_t some_address(void)
{
	const uint64_t places[] = {
	        0,
	        IMAGE,
	        (uint64_t)(uintptr_t)_end,
	        (uint64_t)(uintptr_t)mx_boot->heap.base + mx_boot->heap.size,
	        (uint64_t)(uintptr_t)mx_boot->dma.base + mx_boot->dma.size,
	        (uint64_t)(uintptr_t)mx_boot,
	        (uint64_t)(uintptr_t)(mx_boot->exchange + 1),
	        THREAD + MX_PAGE,
	        STACK_TOP,
	        STACK_TOP - STACK_MOST,
	        RINGS + RING_PAIRS,
	        (uint64_t)(uintptr_t)mx_boot->window,
	        (uint64_t)(uintptr_t)mx_frame(dice_below(mx_boot->pools[mx_boot->cores].first)),
	        0x0000800000000000ull,
	        0xffff800000000000ull + (dice() & 0xfffffff),
	        0xffffffff80100000ull + (dice() & 0xfffff),
	        0xffffff0000000000ull,
	        dice() & 0x7fffffffffff,
	        dice_edge(),
	};
	uint64_t near = (uint64_t)dice_below(64) * MX_PAGE + dice_below(MX_PAGE);

	return places[dice_below(sizeof places / sizeof *places)] + (one_in(2) ? near : -near);
}

static const char *touch(void)
{
	uint64_t at;

	do
		at = some_address();
	while (own(at));
	mx_log("at %llx", (unsigned long long)at);
	raw_yield();
	switch (dice_below(3)) {
	case 0:
		touch_read(at);
		break;
	case 1:
		touch_write(at);
		break;
	default:
		touch_jump(at);
	}
	return NULL;
}

/* The boot page ends, and so must the jump into it. */
static const char *jump_boot(void)
{
	touch_jump((uint64_t)(uintptr_t)mx_boot + (dice_below(MX_PAGE) & ~15u));
	return NULL;
}

static const char *write_rodata(void)
{
	static const char constant[] = "the same for life";

	touch_write((uint64_t)(uintptr_t)constant);
	return NULL;
}

#define PROBE(text, case_, a_, b_)                                                                 \
	{                                                                                          \
		(text), ENDS, NULL, probe_memory,                                                  \
		{                                                                                  \
			(case_), (a_), (b_)                                                        \
		}                                                                                  \
	}

const struct wrong wrong_memory[] = {
        {"touch unmapped memory", ENDS, touch, NULL, {0}},
        {"touch unmapped memory, again", ENDS, touch, NULL, {0}},
        {"touch unmapped memory, once more", ENDS, touch, NULL, {0}},
        {"jump into the boot page", ENDS, jump_boot, NULL, {0}},
        {"write a constant", ENDS, write_rodata, NULL, {0}},
        PROBE("write the boot page", PROBE_OWN_MEMORY, OWN_BOOT, 0),
        PROBE("write the text", PROBE_OWN_MEMORY, OWN_TEXT, 0),
        PROBE("jump into data", PROBE_OWN_MEMORY, OWN_DATA, 0),
        PROBE("jump into the stack", PROBE_OWN_MEMORY, OWN_STACK, 0),
        PROBE("jump into the exchange block", PROBE_OWN_MEMORY, OWN_EXCHANGE, 0),
        PROBE("overflow the stack", PROBE_STACK, 0, 0),
        PROBE("write a frozen frame", PROBE_USE_FROZEN, 0, ACCESS_WRITE),
        PROBE("jump into the executive", PROBE_ADDRESS, ACCESS_JUMP, 0xffffffff80100000ull),
        {.name = NULL}};

/* For a domain with a window. */
const struct wrong wrong_own_frames[] = {
        PROBE("write a frame that was sent", PROBE_USE_SENT, ACCESS_WRITE, 0),
        PROBE("read a frame that was sent", PROBE_USE_SENT, ACCESS_READ, 0),
        PROBE("read frames that were freed", PROBE_USE_SENT, ACCESS_READ, 60),
        PROBE("jump into a frame", PROBE_OWN_MEMORY, OWN_FRAME, 0),
        PROBE("jump into the heap", PROBE_OWN_MEMORY, OWN_HEAP, 0),
        {"send a frame beyond its end", REFUSED, NULL, probe_send, {PROBE_SEND_RANGE, 0, 0}},
        {"send what only the executive may say",
         REFUSED,
         NULL,
         probe_send,
         {PROBE_SEND_KIND, 0, 0}},
        {"send a frame twice", REFUSED, NULL, probe_send, {PROBE_SEND_TWICE, 0, 0}},
        {"send a chain with a loop", REFUSED, NULL, probe_send, {PROBE_CHAIN_LOOP, 0, 0}},
        {.name = NULL}};

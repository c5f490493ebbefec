/* Addresses that a domain has no memory at: see unmapped.h. */
#include "tests/hostile/dice.h"
#include "tests/hostile/unmapped.h"

#define IMAGE      0x40000000ull /* docs/abi.md; the rest stands in the boot page */
#define STACK_TOP  0x700f0000ull
#define STACK_MOST (64 * MX_PAGE)
#define BOOT       0x70060000ull
#define RINGS      0x70200000ull
#define RING_PAIRS (MX_SLOTS * 2ull * MX_RING_BYTES)
#define THREAD     0x70065000ull

extern const uint8_t _end[]; /* of the image, by the linker */

static bool inside(uint64_t at, const void *base, uint64_t size)
{
	return at - ((uint64_t)(uintptr_t)base & ~(MX_PAGE - 1ull)) <
	       ((size + MX_PAGE - 1) & ~(MX_PAGE - 1ull)) + ((uintptr_t)base & (MX_PAGE - 1));
}

/* It might be the domain's own. The rings' area is left out: see wrong_channels.c. */
static bool own(uint64_t at, bool window)
{
	const struct mx_pool *frozen = &mx_boot->pools[mx_boot->cores];
	bool mine =
	        inside(at, (void *)IMAGE, (uint64_t)(uintptr_t)_end - IMAGE) ||
	        inside(at, mx_boot->heap.base, mx_boot->heap.size) ||
	        inside(at, mx_boot->dma.base, mx_boot->dma.size) || inside(at, mx_boot, MX_PAGE) ||
	        inside(at, mx_boot->exchange, sizeof *mx_boot->exchange) ||
	        inside(at, mx_boot->kept.pages.base, mx_boot->kept.pages.size) ||
	        inside(at, (void *)THREAD, MX_PAGE) ||
	        inside(at, (void *)(STACK_TOP - STACK_MOST), STACK_MOST) ||
	        inside(at, (void *)RINGS, RING_PAIRS) ||
	        (window && inside(at, mx_frame(frozen->first), frozen->count * (uint64_t)MX_PAGE));

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

bool has_own_space(void)
{
	return (uintptr_t)mx_boot == BOOT;
}

uint64_t unmapped(bool window)
{
	uint64_t at;

	do
		at = some_address();
	while (own(at, window));
	return at;
}

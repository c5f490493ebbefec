/*
 * What a sanitizer cannot see for itself: see sanitize.h.
 *
 * The executive abandons its stack at every switch, so it is compiled without what the runtimes
 * would put there (executive/linux.mk). Each domain is a fiber: the order of what domains of one
 * core do is the core's, between cores only what the FIFOs and rings themselves establish counts.
 */
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/tsan_interface.h>
#include "executive/core.h"
#include "executive/frame.h"
#include "executive/linux/core.h"
#include "executive/linux/sanitized/host/link.h"
#include "executive/linux/sanitized/host/owners.h"
#include "executive/linux/sanitize.h"

#define SPAN  (1ull << 31)
#define STACK (STACK_ROOM * MX_PAGE)

static struct guest {
	bool linked;
	void *fiber;
	uint64_t base;
	uint8_t *stack; /* its lowest byte */
} guests[DOMAINS];
static struct guest *next;
static void *core_fiber;

/* Each runtime is there, or is not. */
#pragma weak __sanitizer_start_switch_fiber
#pragma weak __sanitizer_finish_switch_fiber
#pragma weak __asan_poison_memory_region
#pragma weak __asan_unpoison_memory_region
#pragma weak __tsan_get_current_fiber
#pragma weak __tsan_create_fiber
#pragma weak __tsan_destroy_fiber
#pragma weak __tsan_switch_to_fiber

/* The stack that is in use from here on, and whose it is. */
static void run_on(const void *stack, uint64_t size, void *fiber)
{
	if (__sanitizer_start_switch_fiber) {
		__sanitizer_start_switch_fiber(NULL, stack, size);
		__sanitizer_finish_switch_fiber(NULL, NULL, NULL);
	}
	if (__tsan_switch_to_fiber)
		__tsan_switch_to_fiber(fiber, 0);
}

void sanitize_start(void)
{
	if (__tsan_get_current_fiber)
		core_fiber = __tsan_get_current_fiber();
	sanitize_leave();
}

/* Nothing of the one before may be held against its successor. */
void sanitize_fresh(uint32_t domain, void *base)
{
	struct guest *g = &guests[domain];

	if (base)
		host_unlink(base, SPAN);
	if (g->fiber)
		__tsan_destroy_fiber(g->fiber);
	if (g->stack && __asan_unpoison_memory_region)
		__asan_unpoison_memory_region(g->stack, STACK);
	*g = (struct guest){0};
}

static void frame_shade(uint32_t frame, bool open)
{
	const void *at = host_pools + (uint64_t)frame * MX_PAGE;

	if (!__asan_poison_memory_region)
		return;
	if (open)
		__asan_unpoison_memory_region(at, MX_PAGE);
	else
		__asan_poison_memory_region(at, MX_PAGE);
}

/* All frames that domain `index` of this core holds. */
static void frames_shade(uint64_t index, bool open)
{
	for (uint32_t f = 0; __asan_poison_memory_region && f < frame_total; f++)
		if ((frame_state[f] & ~FRAME_MAPPED) == index)
			frame_shade(f, open);
}

void sanitize_next(const struct space *s)
{
	static uint64_t
	        before; /* its frames are out of reach while another domain of the core runs */

	if (before)
		frames_shade(before, false);
	before = s->tables;
	frames_shade(before, true);
	next = &guests[s->tables];
	if (next->linked)
		return;
	host_link(space_at(s, AT_IMAGE));
	next->stack = space_at(s, AT_STACK - STACK);
	if (__tsan_create_fiber)
		next->fiber = __tsan_create_fiber(0);
	next->base = s->base;
	next->linked = true;
}

void sanitize_enter(void)
{
	run_on(next->stack, STACK, next->fiber);
}

void sanitize_leave(void)
{
	const uint8_t *here = __builtin_frame_address(0);
	bool signal = here >= seat->signals && here < seat->signals_top;

	if (signal) /* the executive goes on there */
		run_on(seat->signals, (uint64_t)(seat->signals_top - seat->signals), core_fiber);
	else
		run_on(seat->stack, (uint64_t)(seat->stack_top - seat->stack), core_fiber);
}

bool sanitize_works(uint64_t rip)
{
	return rip - next->base >= SPAN;
}

int64_t sanitized_trap(uint64_t nr, uint64_t a, uint64_t b, uint64_t c);

/* In place of core_trap and context_resume: see trap.S. */
int64_t sanitized_trap(uint64_t nr, uint64_t a, uint64_t b, uint64_t c)
{
	int64_t result;

	sanitize_leave();
	result = core_trap(nr, a, b, c);
	sanitize_enter();
	return result;
}

/* It does not come back. Were that declared, the runtime would be told to clean this stack here,
   which it takes for the domain's. */
void context_enter(const struct context *c, int64_t result);

_Noreturn void context_resume(const struct context *c, int64_t result)
{
	sanitize_enter();
	context_enter(c, result);
	__builtin_unreachable();
}

void frame_watched(uint32_t frame, const struct domain *owner)
{
	owners_note(frame, owner ? owner->name : NULL);
	frame_shade(frame, owner);
}

/*
 * A child of the trap fuzzer: so many random traps, then one of the ends there are.
 *
 * It exits with a status from FUZZ_FAIL on when the executive breaks an invariant.
 */
#include <moxie/domain.h>
#include <string.h>
#include "tests/guest/probe.h"
#include "tests/hostile/block.h"
#include "tests/hostile/dice.h"
#include "tests/hostile/spawns.h"
#include "tests/hostile/unmapped.h"

#define GRANDCHILDREN 3u

static struct fuzz_args args;

_Noreturn void must_fail(const char *file, uint32_t line, const char *what)
{
	(void)what;
	mx_exit(FUZZ_FAIL + line +
	        (strstr(file, "block")  ? 10000
	         : strstr(file, "held") ? 20000
	                                : 0));
}

/* Where several domains share one space, frames of others and nothing are all that surely is not
 * there. */
static uint64_t somewhere(void)
{
	if (has_own_space())
		return unmapped(args.window);
	return args.window ? (uintptr_t)mx_frame(dice_below(mx_boot->pools[mx_boot->cores].first))
	                   : 0;
}

/* No frame that it holds, either. */
static uint64_t foreign(void)
{
	uint64_t at, frame;

	do {
		at = somewhere();
		frame = (at - (uint64_t)(uintptr_t)mx_boot->window) / MX_PAGE;
	} while (frame < HELD_FRAMES && held_has((uint32_t)frame));
	return (at & ~(MX_PAGE - 1ull)) | FUZZ_TOUCH;
}

/* What it may not: the domain must not come back from it. The parent knows the address by its end.
 */
static void trespass(void)
{
	uint64_t at = foreign();
	uint16_t port = (uint16_t)dice();

	switch (dice_below(6)) {
	case 0:
		__asm__ volatile("ud2");
		break;
	case 1:
		__asm__ volatile("inb %0, %%al" : : "d"(port) : "rax");
		break;
	case 2:
		__asm__ volatile("outb %%al, %0" : : "d"(port), "a"(0));
		break;
	case 3:
		touch_read(at);
		break;
	case 4:
		touch_write(at);
		break;
	default:
		touch_jump(at);
	}
}

static _Noreturn void end(void)
{
	struct mx_exchange *x = mx_boot->exchange;

	switch (dice_below(4)) {
	case 0:
		mx_exit(dice_below(FUZZ_FAIL));
	case 1:
		trespass();
		mx_exit(FUZZ_FAIL);
	case 2: /* with all it has */
		mx_trap(MX_TRAP_EXIT, dice_below(FUZZ_FAIL), 0, 0);
		mx_exit(FUZZ_FAIL);
	default: /* until it is killed; what comes fills it up */
		for (;;) {
			x->out_n = x->free_n = 0;
			x->in_max = 0;
			x->deadline = MX_FOREVER;
			mx_trap(MX_TRAP_EXCHANGE, 0, 0, 0);
		}
	}
}

void domain_start(void)
{
	if (mx_boot->args_len != sizeof args)
		mx_exit(0); /* of a broken request */
	memcpy(&args, mx_boot->args, sizeof args);
	dice_seed(args.seed);
	held_open(args.seed);
	spawns_open(args.image, args.image_len, GRANDCHILDREN, false);
	block_open(args.window, spawns_event);
	for (uint32_t i = 0; i < args.steps; i++)
		if (args.parent && one_in(3))
			spawns_step();
		else
			block_step();
	end();
}

/* Never reached: domain_start does not return. */
void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	(void)in;
	(void)n;
	(void)pending;
	mx_exit(FUZZ_FAIL);
}

/*
 * The threads of a scenario are coroutines: each runs until its next step that others can notice.
 *
 * Rules: one stack each, filled anew for every execution; what is left on one when an execution
 * ends is forgotten. Bytes named by model_own are exchanged at every switch.
 */
#include <string.h>
#include "tests/model/engine.h"

#define STACK 65536u
#define OWN   64u

uint32_t me = MODEL_THREADS;

static _Alignas(16) uint8_t stacks[MODEL_THREADS][STACK];
static void *sp[MODEL_THREADS], *home;
static enum step next[MODEL_THREADS];
static void (*body)(uint32_t);
static uint8_t *own;
static size_t own_n;
static uint8_t owned[MODEL_THREADS][OWN];

/* Saves the registers that a call keeps, and continues where `to` was left. */
void thread_switch(void **from, void *to);
__asm__(".text\n"
        "thread_switch:\n"
        "	push %rbx\n	push %rbp\n	push %r12\n	push %r13\n	push %r14\n	"
        "push %r15\n"
        "	mov %rsp, (%rdi)\n"
        "	mov %rsi, %rsp\n"
        "	pop %r15\n	pop %r14\n	pop %r13\n	pop %r12\n	pop %rbp\n	"
        "pop %rbx\n"
        "	ret\n");

static void thread_main(void)
{
	body(me);
	next[me] = DONE;
	thread_stop();
}

void threads_start(uint32_t n, void (*run)(uint32_t))
{
	body = run;
	own_n = 0;
	memset(owned, 0, sizeof owned);
	for (uint32_t t = 0; t < MODEL_THREADS; t++) {
		void **top = (void **)(stacks[t] + STACK) - 2; /* as behind a call */

		*top = (void *)thread_main;
		sp[t] = top - 6;
		next[t] = t < n ? BEGIN : DONE;
	}
}

void model_own(void *at, size_t size)
{
	own = at;
	own_n = size;
	if (size > OWN)
		wrong("model_own: at most %u bytes", OWN);
}

void thread_go(uint32_t t)
{
	me = t;
	memcpy(own, owned[t], own_n);
	thread_switch(&home, sp[t]);
	memcpy(owned[t], own, own_n);
	me = MODEL_THREADS;
}

void thread_point(enum step step)
{
	next[me] = step;
	thread_switch(&sp[me], home);
}

_Noreturn void thread_stop(void)
{
	thread_switch(&sp[me], home);
	__builtin_unreachable();
}

enum step thread_next(uint32_t t)
{
	return next[t];
}

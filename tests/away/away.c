/*
 * make bench-away: how long a core is away from its domains while others are created and ended.
 *
 * The first domain, on core 0, creates, starts and kills children on the last core, where a watcher
 * does nothing but come back from its exchanges and keep the longest time between two. One image,
 * three parts: the first domain, the watcher, the children that only wait.
 */
#include <stdio.h>
#include <stdlib.h>
#include <moxie/control.h>
#include <moxie/cpio.h>
#include <moxie/slots.h>
#include "tests/guest/raw.h"

#define ROUNDS 15u

enum part { WATCHER = 1, IDLE };

static struct mx_line_end console;

/* Takes an answer of the watcher's: the longest gap since the last, ns. */
static uint32_t ask_watcher(void)
{
	struct mx_msg m;

	raw_out(SLOT_OWN, MX_NOFRAME, 0);
	mx_assert(raw_submit() == MX_OK);
	while (raw_recv(&m, mx_now() + MX_S))
		if (m.kind < MX_EVENT)
			return m.body[0];
	mx_exit(__LINE__);
}

static _Noreturn void watch(void)
{
	struct mx_exchange *x = mx_boot->exchange;
	uint64_t longest = 0, last = mx_now();

	for (;;) {
		bool asked = false;

		raw_exchange(MX_CHAIN_MAX, MX_NOW);
		if (x->now - last > longest)
			longest = x->now - last;
		last = x->now;
		for (uint32_t i = 0; i < x->in_n; i++)
			asked |= x->in[i].kind < MX_EVENT;
		if (!asked)
			continue;
		raw_out(SLOT_OWN, MX_NOFRAME, 0)->body[0] = (uint32_t)longest;
		raw_submit();
		longest = 0;
		last = mx_now();
	}
}

static uint32_t create(struct mx_spawn *q, const char *image)
{
	struct mx_cpio_entry entry;
	int64_t handle;

	mx_assert(mx_cpio_find(mx_boot->bundle.base, mx_boot->bundle.size, image, &entry));
	q->image = entry.offset;
	q->image_len = entry.size;
	q->device = -1;
	handle = mx_trap(MX_TRAP_SPAWN, MX_SPAWN_CREATE, (uint64_t)(uintptr_t)q, 0);
	mx_assert(handle > 0);
	return (uint32_t)handle;
}

static void life(uint64_t op, uint32_t handle)
{
	mx_assert(mx_trap(MX_TRAP_SPAWN, op, handle, 0) == MX_OK);
}

static void bind(uint32_t a, uint32_t a_slot, uint32_t b_slot)
{
	struct mx_bind q = {a, a_slot, MX_SELF, b_slot};

	mx_assert(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_BIND, (uint64_t)(uintptr_t)&q, 0) == MX_OK);
}

static void open_console(void)
{
	static struct mx_spawn q = {
	        .name = "console", .flags = MX_SPAWN_UART, .stack = 8, .heap = 16};
	uint32_t handle;

	q.core = mx_boot->core;
	q.slots[MX_CONSOLE_LOG] = mx_line_spec;
	handle = create(&q, "domains/console.elf");
	bind(handle, MX_CONSOLE_LOG, SLOT_CONSOLE);
	mx_assert(mx_line_open(&console, mx_boot, SLOT_CONSOLE));
	life(MX_SPAWN_START, handle);
}

static void say(const char *text)
{
	uint32_t left = (uint32_t)strlen(text);

	while (left) {
		struct mx_line l = {.length = sizeof l.text};

		if (left < l.length)
			l.length = (uint8_t)left;
		memcpy(l.text, text, l.length);
		if (mx_line_try_send(&console, &l)) {
			text += l.length;
			left -= l.length;
		} else {
			raw_yield();
		}
	}
	do
		raw_yield();
	while (mx_end_room(&console.end) < console.end.depth);
}

static void request(struct mx_spawn *q, enum part part, uint32_t heap, uint32_t flags)
{
	*q = (struct mx_spawn){.core = mx_boot->cores - 1,
	                       .flags = flags,
	                       .stack = 8,
	                       .heap = heap,
	                       .quota = 256,
	                       .budget = 5000,
	                       .args_len = 1};
	strcpy(q->name, part == WATCHER ? "watcher" : "child");
	q->args[0] = (uint8_t)part;
	q->slots[SLOT_OWN] = (struct mx_slot_spec){.kind = MX_SLOT_OWNING, .depth = 16};
}

static int order(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void await_end(uint32_t handle)
{
	struct mx_msg m;
	uint64_t deadline = mx_now() + 10 * MX_S;

	while (mx_now() < deadline)
		if (raw_recv(&m, deadline) && m.kind == MX_EVENT_CHILD && m.body[0] == handle)
			return;
	mx_exit(__LINE__);
}

static void measure(const char *name, uint32_t heap, uint32_t flags)
{
	static struct mx_spawn q;
	static uint32_t ns[4]
	                  [ROUNDS]; /* away while it is made, making it, away at its end, its end */
	char text[120];

	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint64_t start;
		uint32_t handle;

		request(&q, IDLE, heap, flags);
		ask_watcher();
		start = mx_now();
		handle = create(&q, "domains/away.elf");
		ns[1][i] = (uint32_t)(mx_now() - start);
		ns[0][i] = ask_watcher(); /* before it runs itself */
		bind(handle, SLOT_OWN, SLOT_SIDE);
		life(MX_SPAWN_START, handle);
		ask_watcher();
		start = mx_now();
		life(MX_SPAWN_KILL, handle);
		await_end(handle);
		ns[3][i] = (uint32_t)(mx_now() - start);
		ns[2][i] = ask_watcher();
	}
	for (uint32_t k = 0; k < 4; k++)
		qsort(ns[k], ROUNDS, sizeof ns[k][0], order);
	snprintf(text, sizeof text, "%-16s %7u %7u %8u %8u %8u %8u\n", name,
	         ns[0][ROUNDS / 2] / 1000, ns[0][ROUNDS - 1] / 1000, ns[1][ROUNDS / 2] / 1000,
	         ns[2][ROUNDS / 2] / 1000, ns[2][ROUNDS - 1] / 1000, ns[3][ROUNDS / 2] / 1000);
	say(text);
}

static void lead(void)
{
	static struct mx_spawn q;
	uint32_t watcher;

	open_console();
	request(&q, WATCHER, 1, 0);
	watcher = create(&q, "domains/away.elf");
	bind(watcher, SLOT_OWN, SLOT_OWN);
	life(MX_SPAWN_START, watcher);
	say("us               made:            and all ended:           and all\n"
	    "                 median longest   median   median  longest   median\n");
	measure("1 page", 1, 0);
	measure("window", 1, MX_SPAWN_WINDOW);
	measure("1 MiB", 256, 0);
	measure("16 MiB", 4096, 0);
	measure("254 MiB, window", 0xfe00, MX_SPAWN_WINDOW);
	say("away: done\n");
	mx_trap(MX_TRAP_SPAWN, MX_SPAWN_POWER, MX_POWER_OFF, 0);
}

void domain_start(void)
{
	if (mx_boot->bundle.size)
		lead();
	if (mx_boot->args[0] == WATCHER)
		watch();
	for (;;)
		raw_exchange(MX_BATCH, MX_FOREVER);
}

/* Never reached: domain_start does not return. */
void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	(void)in;
	(void)n;
	(void)pending;
}

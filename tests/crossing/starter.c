/* The first domain of the bundle: starts the console and the two ends. */
#include <stdlib.h>
#include <moxie/control.h>
#include <moxie/cpio.h>
#include <moxie/slots.h>
#include "tests/crossing/crossing.h"

#define DEPTH 512u /* a whole volley */
_Static_assert(DEPTH >= FRAMES_MAX, "nothing is refused");

static struct mx_cpio_entry find(const char *name)
{
	struct mx_cpio_entry entry;

	mx_assert(mx_cpio_find(mx_boot->bundle.base, mx_boot->bundle.size, name, &entry));
	return entry;
}

static uint32_t create(struct mx_spawn *q, const char *image)
{
	struct mx_cpio_entry entry = find(image);
	int64_t handle;

	q->image = entry.offset;
	q->image_len = entry.size;
	q->device = -1;
	handle = mx_trap(MX_TRAP_SPAWN, MX_SPAWN_CREATE, (uint64_t)(uintptr_t)q, 0);
	mx_assert(handle > 0);
	return (uint32_t)handle;
}

static void bind(uint32_t a, uint32_t a_slot, uint32_t b, uint32_t b_slot)
{
	struct mx_bind q = {a, a_slot, b, b_slot};

	mx_assert(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_BIND, (uint64_t)(uintptr_t)&q, 0) == MX_OK);
}

static uint32_t create_console(void)
{
	struct mx_spawn q = {.name = "console",
	                     .core = mx_boot->core,
	                     .flags = MX_SPAWN_UART,
	                     .stack = 8,
	                     .heap = 16};

	for (uint32_t i = 0; i < 4; i++)
		q.slots[MX_CONSOLE_LOG + i] = mx_line_spec;
	if (((const struct mx_machine *)mx_boot->machine.base)->console == MX_SERIAL_HOST)
		return create(&q, "domains/terminal.elf");
	return create(&q, "domains/console.elf");
}

static uint32_t create_end(const char *name, uint32_t core, const struct crossing_args *args)
{
	static struct mx_spawn q;

	q = (struct mx_spawn){.core = core,
	                      .flags = MX_SPAWN_WINDOW,
	                      .stack = 8,
	                      .heap = CROSSING_HEAP,
	                      .quota = 2 * DEPTH + FRAMES_MAX + MX_BATCH,
	                      .budget = 5000, /* it measures for long without waiting */
	                      .args_len = sizeof *args};
	strcpy(q.name, name);
	q.slots[SLOT_CONSOLE] = q.slots[SLOT_REPORT] = mx_line_spec;
	q.slots[SLOT_ORDER] = crossing_order_spec;
	q.slots[SLOT_OWN] = (struct mx_slot_spec){
	        .kind = MX_SLOT_OWNING, .flags = MX_SLOT_MAPPED, .depth = DEPTH};
	q.slots[SLOT_BLIND] = (struct mx_slot_spec){.kind = MX_SLOT_OWNING, .depth = DEPTH};
	q.slots[SLOT_SMALL] = crossing_small_spec;
	q.slots[SLOT_MEDIUM] = crossing_medium_spec;
	q.slots[SLOT_LARGE] = crossing_large_spec;
	memcpy(q.args, args, sizeof *args);
	return create(&q, "domains/crossing_end.elf");
}

/* The number behind a word of the configuration: "rounds 15 ns 1000000 poll 1". */
static uint64_t setting(const char *word, uint64_t least, uint64_t most)
{
	const struct mx_machine *machine = mx_boot->machine.base;
	char text[128] = "";
	const char *at;
	uint64_t value;

	if (machine->config)
		memcpy(text, machine->config,
		       machine->config_len < sizeof text ? machine->config_len : sizeof text - 1);
	at = strstr(text, word);
	value = at ? strtoull(at + strlen(word), NULL, 10) : least;
	return value < least ? least : value > most ? most : value;
}

void domain_start(void)
{
	struct crossing_args args = {.role = ROLE_NEAR,
	                             .rounds = (uint32_t)setting("rounds", 1, ROUNDS_MAX),
	                             .poll = (uint32_t)setting("poll", 0, 1),
	                             .ns = setting("ns", 1000, MX_S),
	                             .at = find("payload").offset};
	uint32_t console = create_console(), near, far;

	near = create_end("near", mx_boot->core, &args);
	args.role = ROLE_FAR;
	far = create_end("far", mx_boot->cores - 1, &args);
	bind(console, MX_CONSOLE_LOG, near, SLOT_CONSOLE);
	bind(console, MX_CONSOLE_LOG + 1, near, SLOT_REPORT);
	bind(console, MX_CONSOLE_LOG + 2, far, SLOT_CONSOLE);
	for (uint32_t slot = SLOT_ORDER; slot <= SLOT_LARGE; slot++)
		bind(near, slot, far, slot);
	mx_assert(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, console, 0) == MX_OK);
	mx_assert(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, far, 0) == MX_OK);
	mx_assert(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, near, 0) == MX_OK);
}

/* An end that ends has failed; the console has its last words, or the executive the fault. */
void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	(void)pending;
	for (uint32_t i = 0; i < n; i++)
		if (in[i].kind == MX_EVENT_CHILD)
			mx_exit(1);
}

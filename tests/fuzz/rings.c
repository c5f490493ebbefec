/* Plain channels under a fuzzer: see rings.h. */
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <moxie/control.h>
#include <moxie/slots.h>
#include "tests/fuzz/machine.h"
#include "tests/fuzz/rings.h"

static struct far_end {
	struct mx_ring *in, *out; /* the domain reads the first and writes the second */
	uint32_t stride, depth, sent, taken, key;
	bool hostile, stalled, full;
} ends[MX_SLOTS];
static uint32_t used[MX_SLOTS], used_n;
static char last_line[256];

/* The memory is kept from input to input: the slots of one fuzzer are always the same. */
static struct mx_ring *ring(struct mx_ring *old, uint32_t depth, uint32_t stride)
{
	size_t n = sizeof(struct mx_ring) + (size_t)depth * stride;

	if (!old)
		old = aligned_alloc(64, n);
	ASAN_UNPOISON_MEMORY_REGION(old, n);
	memset(old, 0, n);
	return old;
}

void rings_reset(void)
{
	for (uint32_t s = 0; s < MX_SLOTS; s++)
		ends[s] = (struct far_end){.in = ends[s].in, .out = ends[s].out};
	last_line[0] = 0;
	used_n = 0;
}

void machine_plain(uint32_t slot, const struct mx_slot_spec *spec, bool hostile)
{
	struct far_end *f = &ends[slot];

	f->depth = spec->depth;
	f->stride = mx_stride(spec->size);
	f->hostile = hostile;
	if (machine_boot.slots[slot].kind != MX_SLOT_PLAIN)
		used[used_n++] = slot;
	f->key++;
	f->sent = f->taken = 0;
	f->stalled = false;
	f->in = ring(f->in, f->depth, f->stride);
	f->out = ring(f->out, f->depth, f->stride);
	machine_boot.slots[slot] = (struct mx_slot_info){.kind = MX_SLOT_PLAIN,
	                                                 .depth = spec->depth,
	                                                 .type = spec->type,
	                                                 .key = f->key,
	                                                 .rx = f->in,
	                                                 .tx = f->out};
}

static struct far_end *pick(uint64_t n, uint32_t *slot)
{
	for (uint32_t i = 0; i < 2 * used_n; i++)
		if (ends[used[i % used_n]].hostile && n-- == 0) {
			*slot = used[i % used_n];
			return &ends[*slot];
		}
	return NULL;
}

bool rings_send(uint32_t slot, const void *message)
{
	struct far_end *f = &ends[slot];

	if (!machine_boot.slots[slot].tx || f->sent - f->out->head >= f->depth)
		return false;
	memcpy(f->in->slots + (size_t)(f->sent++ & (f->depth - 1)) * f->stride, message,
	       machine_boot.slots[slot].type & 0xffff);
	f->in->tail = f->sent;
	return true;
}

static void poke(struct far_end *f, struct event *e)
{
	uint32_t word = event_take(e, 1) % 3, value = (uint32_t)event_take(e, 4);

	f->stalled = true; /* or the next turn would put it right */
	if (word == 0)
		f->in->tail = value;
	else if (word == 1)
		f->in->head = value;
	else
		f->in->thirst = value;
}

/* The peer ends: its ring is no more. Or it is bound again, and both rings are new. */
static void bind(struct far_end *f, uint32_t slot, bool on)
{
	struct mx_slot_info *info = &machine_boot.slots[slot];
	size_t n = sizeof(struct mx_ring) + (size_t)f->depth * f->stride;

	ASAN_UNPOISON_MEMORY_REGION(f->out, n);
	f->sent = f->taken = 0;
	f->stalled = !on;
	memset(f->out, 0, n);
	info->key = on ? ++f->key : info->key | MX_KEY_ENDED;
	info->tx = on ? f->out : NULL;
	if (on)
		memset(f->in, 0, n);
	else
		ASAN_POISON_MEMORY_REGION(f->out, n);
}

uint64_t rings_event(struct event *e)
{
	uint8_t what = e->what, message[1024] = {0};
	uint32_t slot;
	struct far_end *f = pick(event_take(e, 1) % 16, &slot);

	if (!f)
		return 0;
	if (what == EVENT_GONE || what == EVENT_RESET) {
		bind(f, slot, what == EVENT_RESET);
	} else if (!machine_boot.slots[slot].tx) {
		return 0;
	} else if (what == EVENT_STALL) {
		f->stalled = event_take(e, 1) & 1;
	} else if (what == EVENT_POKE) {
		poke(f, e);
	} else {
		memcpy(message, e->data, e->n < sizeof(message) ? e->n : sizeof(message));
		rings_send(slot, message);
	}
	return 1ull << slot;
}

static void remember(const struct far_end *f, uint32_t from)
{
	const struct mx_line *line =
	        (const void *)(f->out->slots + (from & (f->depth - 1)) * f->stride);
	size_t n = strlen(last_line);

	if (n && last_line[n - 1] == '\n')
		n = 0;
	snprintf(last_line + n, sizeof(last_line) - n, "%.*s", (int)line->length, line->text);
}

uint64_t rings_turn(void)
{
	uint64_t woken = 0;

	for (uint32_t i = 0; i < used_n; i++) {
		uint32_t s = used[i];
		struct far_end *f = &ends[s];

		if (f->stalled || !machine_boot.slots[s].tx)
			continue;
		fuzz_assert(f->out->tail - f->taken <= f->depth || f->hostile);
		for (; s == MX_CONSOLE && f->taken != f->out->tail; f->taken++)
			remember(f, f->taken);
		f->taken = f->out->tail;
		f->in->head = f->taken;
		if (f->out->thirst) {
			f->out->thirst = 0;
			woken |= 1ull << s;
		}
	}
	return woken;
}

const char *rings_last_line(void)
{
	for (struct far_end *f = &ends[MX_CONSOLE];
	     machine_boot.slots[MX_CONSOLE].tx && f->taken != f->out->tail; f->taken++)
		remember(f, f->taken);
	return last_line;
}

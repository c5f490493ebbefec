/* Spawn requests of a hostile parent: errors, never harm. home_check looks for harm behind each. */
#include <moxie/lattice.h>
#include <elf.h>
#include "tests/guest/suite.h"

static uint64_t state = 0x6d6f786965;

static uint64_t random64(void) /* xorshift64*, Vigna 2016 */
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dull;
}

static const struct row idle = {.which = PROBE_WAIT};

/* A child that was made by chance is ended again. */
static bool discard(int64_t handle)
{
	struct probe p = {.handle = (uint32_t)handle};
	struct mx_msg m;
	uint64_t deadline = mx_now() + CASE_LIMIT;

	if (mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, p.handle, 0) != MX_OK)
		return false;
	while (mx_now() < deadline) {
		serve(&m, deadline);
		for (uint32_t i = 0; i < mx_boot->exchange->in_n; i++) {
			const struct mx_msg *in = &mx_boot->exchange->in[i];

			if (in->kind != MX_EVENT_CHILD || in->body[0] != p.handle)
				continue;
			/* By chance it was to leave something. */
			mx_trap(MX_TRAP_SPAWN, MX_SPAWN_FORGET, p.handle, 0);
			return true;
		}
	}
	return false;
}

static const char *scene_pointers(uint32_t core)
{
	static const uint64_t bad[] = {0,
	                               1,
	                               0xfff,
	                               0x7fffffffffff,
	                               0x800000000000,
	                               0xffff800000000000,
	                               0xffffffff80100000,
	                               UINT64_MAX,
	                               UINT64_MAX - 7};
	uint64_t end = (uint64_t)(uintptr_t)mx_boot->heap.base + mx_boot->heap.size;

	(void)core;
	for (uint64_t op = MX_SPAWN_CREATE; op <= MX_SPAWN_STAT; op++) {
		if (op == MX_SPAWN_START || op == MX_SPAWN_KILL)
			continue;
		for (uint32_t i = 0; i < sizeof bad / sizeof *bad; i++)
			NEED(mx_trap(MX_TRAP_SPAWN, op, bad[i], 0) == MX_EINVAL);
		NEED(mx_trap(MX_TRAP_SPAWN, op, end - 4, 0) == MX_EINVAL); /* leaves the heap */
		for (uint32_t i = 0; i < 1000; i++)
			NEED(mx_trap(MX_TRAP_SPAWN, op, random64() | 1ull << 45, 0) == MX_EINVAL);
	}
	for (uint64_t op = MX_SPAWN_FORGET; op < 100; op++)
		NEED(mx_trap(MX_TRAP_SPAWN, op, (uint64_t)(uintptr_t)mx_boot, 0) == MX_EINVAL);
	NEED(mx_trap(MX_TRAP_SPAWN, UINT64_MAX, 0, 0) == MX_EINVAL);
	NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_POWER, MX_POWER_RESET + 1, 0) == MX_EINVAL);
	/* An answer into the read-only boot page: the trap goes through, the page stays. */
	mx_trap(MX_TRAP_SPAWN, MX_SPAWN_STAT, (uint64_t)(uintptr_t)mx_boot->pools, 0);
	NEED(mx_boot->pools[0].count);
	return NULL;
}

/* All records, in pieces of every size: the same each time, and as many cores as there are. */
static const char *scene_lattice(uint32_t core)
{
	static struct mx_record r[MX_LATTICE_MOST + 1];
	struct mx_lattice q = {.n = MX_LATTICE_MOST + 1, .records = r};

	(void)core;
	NEED(suite_spawn(MX_SPAWN_LATTICE, &q) == MX_EINVAL);
	for (uint32_t n = 1; n <= MX_LATTICE_MOST; n += 21) {
		uint32_t cores = 0, at = 0;

		do {
			q = (struct mx_lattice){.from = at, .n = n, .records = r};
			NEED(suite_spawn(MX_SPAWN_LATTICE, &q) == MX_OK && q.n <= n);
			for (uint32_t i = 0; i < q.n; i++)
				cores += r[i].kind == MX_KIND_CORE;
			at += q.n;
		} while (q.n);
		NEED(at == q.most && cores == mx_boot->cores);
	}
	q = (struct mx_lattice){.n = 1, .records = (void *)(uintptr_t)mx_boot->pools};
	NEED(suite_spawn(MX_SPAWN_LATTICE, &q) == MX_EINVAL);
	return NULL;
}

static const char *scene_handles(uint32_t core)
{
	(void)core;
	for (uint32_t i = 0; i < 1000; i++) {
		struct mx_stat s = {.child = (uint32_t)random64() | 0x80000000};

		NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, random64() | 0x80000000, 0) ==
		     MX_EINVAL);
		NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, random64() | 0x80000000, 0) ==
		     MX_EINVAL);
		NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_FORGET, random64(), 0) == MX_EINVAL);
		NEED(suite_spawn(MX_SPAWN_STAT, &s) == MX_EINVAL);
		s = (struct mx_stat){.core = mx_boot->cores + i};
		NEED(suite_spawn(MX_SPAWN_STAT, &s) == MX_EINVAL);
	}
	NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, MX_SELF, 0) == MX_EINVAL);
	return NULL;
}

/* One field at a time, each at a value that is refused. */
static const char *scene_fields(uint32_t core)
{
	static struct mx_spawn good, q;
	uint64_t image, length;

	suite_request(&good, core, &idle);
	NEED(image_find("domains/probe.elf", &image, &length));
#define REFUSED(field, value, error)                                                               \
	do {                                                                                       \
		q = good;                                                                          \
		q.field = (value);                                                                 \
		NEED(suite_spawn(MX_SPAWN_CREATE, &q) == (error));                                 \
	} while (0)
	REFUSED(core, mx_boot->cores, MX_EINVAL);
	REFUSED(core, UINT32_MAX, MX_EINVAL);
	REFUSED(flags, MX_SPAWN_ROOT, MX_EINVAL);
	REFUSED(flags, 0x10, MX_EINVAL);
	REFUSED(image, mx_boot->bundle.size, MX_EIMAGE);
	REFUSED(image, UINT64_MAX, MX_EIMAGE);
	REFUSED(image, image + 4, MX_EIMAGE); /* garbage */
	REFUSED(image, 0, MX_EIMAGE);
	REFUSED(image_len, mx_boot->bundle.size - image + 1, MX_EIMAGE);
	REFUSED(image_len, UINT64_MAX, MX_EIMAGE);
	REFUSED(image_len, 0, MX_EIMAGE);
	REFUSED(image_len, 63, MX_EIMAGE);
	REFUSED(image_len, length / 2, MX_EIMAGE);
	REFUSED(stack, 0, MX_EINVAL);
	REFUSED(stack, UINT32_MAX, MX_EINVAL);
	REFUSED(heap, UINT32_MAX, MX_EINVAL);
	REFUSED(heap, 0xff00, MX_ENOMEM);
	REFUSED(dma, UINT32_MAX, MX_EINVAL);
	REFUSED(dma, 0x1001, MX_EINVAL);
	REFUSED(quota, OWN_DEPTH + SIDE_DEPTH - 1, MX_EINVAL);
	REFUSED(quota, UINT32_MAX, MX_EINVAL);
	REFUSED(device, 32, MX_EINVAL);
	REFUSED(device, INT32_MAX, MX_EINVAL);
	REFUSED(args_len, MX_ARGS + 1, MX_EINVAL);
	REFUSED(args_len, UINT32_MAX, MX_EINVAL);
	q = good;
	memset(q.name, 'x', sizeof q.name);
	NEED(suite_spawn(MX_SPAWN_CREATE, &q) == MX_EINVAL);
	return NULL;
}

static const char *scene_slots(uint32_t core)
{
	static struct mx_spawn good, q;

	suite_request(&good, core, &idle);
	REFUSED(flags, 0, MX_EINVAL); /* mapped slots without a window */
	for (uint32_t i = 0; i < MX_SLOTS; i += 9) {
		for (uint32_t kind = MX_SLOT_IRQ; kind <= 0xff;
		     kind++) /* an interrupt of no device */
			REFUSED(slots[i].kind, (uint8_t)kind, MX_EINVAL);
	}
	for (uint32_t depth = 0; depth <= 0xffff; depth += depth < 70 ? 1 : 977) {
		bool power = depth && !(depth & (depth - 1)) && depth <= 1024;

		if (power)
			continue;
		REFUSED(slots[SLOT_PLAIN].depth, (uint16_t)depth, MX_EINVAL);
		REFUSED(slots[SLOT_OWN].depth, (uint16_t)depth, MX_EINVAL);
	}
	REFUSED(slots[SLOT_PLAIN].size, 0, MX_EINVAL);
	REFUSED(slots[SLOT_PLAIN].size, 1025, MX_EINVAL);
	REFUSED(slots[SLOT_PLAIN].size, 1024, MX_EINVAL); /* 64 of these leave the address space */
	REFUSED(slots[SLOT_PLAIN].size, 0xffff, MX_EINVAL);
	REFUSED(slots[SLOT_PLAIN].depth, 1024, MX_EINVAL);
	for (uint32_t flags = 2; flags <= 0xff; flags++)
		REFUSED(slots[SLOT_OWN].flags, (uint8_t)flags, MX_EINVAL);
	return NULL;
}

/* Random bytes in random places of a request that was good. */
static const char *scene_random(uint32_t core)
{
	static struct mx_spawn good, q;

	suite_request(&good, core, &idle);
	for (uint32_t i = 0; i < 2000; i++) {
		uint64_t r = random64();
		int64_t handle;

		q = good;
		if (i % 10 == 0)
			for (uint32_t k = 0; k < sizeof q / 8; k++)
				((uint64_t *)&q)[k] = random64();
		for (uint32_t k = 0; k <= r % 4; k++) {
			uint64_t at = random64();
			/* Half of them among the fields in front of the slots. */
			uint64_t size =
			        at >> 63 ? __builtin_offsetof(struct mx_spawn, slots) : sizeof q;

			((uint8_t *)&q)[(at & 0xffff) % size] = (uint8_t)(at >> 32);
		}
		handle = suite_spawn(MX_SPAWN_CREATE, &q);
		NEED(handle != 0 && handle >= MX_EIMAGE);
		if (handle > 0)
			NEED(discard(handle));
	}
	return NULL;
}

/* The image's own bytes cannot be changed, but where it is said to begin and end can. */
static bool is_image(uint64_t offset)
{
	return memcmp((const uint8_t *)mx_boot->bundle.base + offset, ELFMAG, SELFMAG) == 0;
}

static const char *scene_images(uint32_t core)
{
	static struct mx_spawn q;
	uint64_t length;

	suite_request(&q, core, &idle);
	length = q.image_len;
	for (uint64_t cut = 0; cut < length; cut += cut < 0x400 ? 8 : 499) {
		int64_t handle;

		q.image_len = cut;
		handle = suite_spawn(MX_SPAWN_CREATE, &q);
		NEED(handle == MX_EIMAGE || handle > 0); /* what is cut may be symbols only */
		if (handle > 0)
			NEED(discard(handle));
	}
	for (uint32_t i = 0; i < 2000; i++) {
		q.image = random64() % (mx_boot->bundle.size - SELFMAG);
		q.image_len = random64() % (mx_boot->bundle.size - q.image);
		if (!is_image(q.image)) /* nor by chance another's */
			NEED(suite_spawn(MX_SPAWN_CREATE, &q) == MX_EIMAGE);
	}
	return NULL;
}

static const char *bind_badly(struct probe *p)
{
	struct mx_bind good = {p->handle, SLOT_OWN, MX_SELF, SLOT_OWN}, b;

	for (uint32_t slot = 0; slot < 100; slot++) {
		b = good;
		b.a_slot = slot; /* not owning as the suite's end is, or no slot */
		NEED(slot == SLOT_OWN || suite_spawn(MX_SPAWN_BIND, &b) == MX_EINVAL);
	}
	for (uint32_t slot = MX_SLOTS; slot < 100; slot++) {
		b = good;
		b.b_slot = slot;
		NEED(suite_spawn(MX_SPAWN_BIND, &b) == MX_EINVAL);
	}
	b = (struct mx_bind){p->handle, SLOT_OWN, p->handle, SLOT_SIDE}; /* depths differ */
	NEED(suite_spawn(MX_SPAWN_BIND, &b) == MX_EINVAL);
	b = (struct mx_bind){p->handle, SLOT_PLAIN, MX_SELF, SLOT_CONSOLE}; /* types differ */
	NEED(suite_spawn(MX_SPAWN_BIND, &b) == MX_EINVAL);
	b = (struct mx_bind){MX_SELF, SLOT_OWN, p->handle, SLOT_OWN};
	NEED(suite_spawn(MX_SPAWN_BIND, &b) == MX_EINVAL);
	for (uint32_t i = 0; i < 1000; i++) {
		b = (struct mx_bind){(uint32_t)random64() | 1u << 31, (uint32_t)random64(),
		                     (uint32_t)random64() | 1u << 31, (uint32_t)random64()};
		NEED(suite_spawn(MX_SPAWN_BIND, &b) == MX_EINVAL);
	}
	return NULL;
}

static const char *scene_binds(uint32_t core)
{
	struct row quiet = {.which = PROBE_WAIT, .options = UNBOUND};
	struct probe p;
	const char *why, *late;

	NEED(probe_spawn(&p, core, &quiet));
	why = bind_badly(&p);
	late = probe_end(&p);
	return why ? why : late;
}

static bool listed(uint32_t handle, struct mx_offspring *o)
{
	for (*o = (struct mx_offspring){0};; o->index++)
		if (suite_spawn(MX_SPAWN_CHILD, o) != MX_OK || !o->handle || o->handle == handle)
			return o->handle != 0;
}

/* As a successor would read them: those whose end was not told. */
static const char *scene_children(uint32_t core)
{
	struct row row = {.which = PROBE_WAIT, .options = UNBOUND};
	struct mx_offspring o;
	struct probe p;
	const char *why;

	NEED(probe_spawn(&p, core, &row));
	NEED(listed(p.handle, &o));
	NEED(o.core == core && o.device == -1 && !o.started && o.heap == 1);
	NEED(strcmp(o.name, "probe") == 0 && o.depths[SLOT_OWN] == OWN_DEPTH);
	NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, p.handle, 0) == MX_OK);
	NEED(listed(p.handle, &o) && o.started);
	NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_CHILD, 0, 0) == MX_EINVAL);
	o.index = UINT32_MAX;
	NEED(suite_spawn(MX_SPAWN_CHILD, &o) == MX_OK && !o.handle && o.index == UINT32_MAX);
	why = probe_end(&p);
	return why ? why : listed(p.handle, &o) ? "it is listed after its end" : NULL;
}

/* It is a parent, but not the first domain, and has no window: see PROBE_PARENT. */
static const char *scene_parent(uint32_t core)
{
	struct row row = {.which = PROBE_PARENT,
	                  .cause = MX_CAUSE_FAULT,
	                  .status = 14,
	                  .options = PARENT | NO_WINDOW};
	uint64_t image;

	NEED(image_find("domains/probe.elf", &image, &row.b));
	row.a = (uint32_t)image;
	return row_run(&row, core);
}

const struct scene scenes_spawn[] = {{"spawn traps with bad pointers", scene_pointers},
                                     {"the lattice, in pieces", scene_lattice},
                                     {"spawn traps with bad handles", scene_handles},
                                     {"spawn requests with a bad field", scene_fields},
                                     {"spawn requests with a bad slot", scene_slots},
                                     {"spawn requests with random bytes", scene_random},
                                     {"images cut short, and no images", scene_images},
                                     {"bad binds", scene_binds},
                                     {"children as they are listed", scene_children},
                                     {.name = NULL}};
/* On a host, who has no window reaches frames all the same. */
const struct scene scenes_rights[] = {{"a parent without rights", scene_parent}, {.name = NULL}};

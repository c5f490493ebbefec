/* Random spawn traps: see spawns.h. */
#include <string.h>
#include "tests/guest/guest.h"
#include "tests/hostile/dice.h"
#include "tests/hostile/spawns.h"

#define KIDS   12u
#define BUDGET 5000u /* ms: a host with other work to do stops a machine for some time */

struct kid {
	uint32_t handle, core; /* handle 0: none */
	struct mx_keep keep;
	bool ended; /* what it keeps waits for an heir */
};

uint64_t spawns_traps, spawns_made, spawns_ends[16];

static struct kid kids[KIDS];
static uint32_t most, last_handle;
static struct fuzz_args args;
static bool is_root;
static struct mx_spawn request;

void spawns_open(uint64_t image, uint64_t image_len, uint32_t children, bool root)
{
	args.image = image;
	args.image_len = image_len;
	most = children < KIDS ? children : KIDS;
	is_root = root;
}

static uint32_t count(bool ended)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < KIDS; i++)
		n += kids[i].handle && kids[i].ended == ended;
	return n;
}

uint32_t spawns_n(void)
{
	return count(false);
}

static struct kid *kid_of(uint32_t handle)
{
	for (uint32_t i = 0; i < KIDS; i++)
		if (kids[i].handle == handle)
			return &kids[i];
	return NULL;
}

static int64_t spawn(uint64_t op, uint64_t argument)
{
	spawns_traps++;
	return mx_trap(MX_TRAP_SPAWN, op, argument, dice());
}

/* --- requests --- */

static void fill_slot(uint32_t i, bool window)
{
	struct mx_slot_spec *s = &request.slots[i];
	uint8_t mapped = window && one_in(2) ? MX_SLOT_MAPPED : 0;

	if (i < 6)
		*s = (struct mx_slot_spec){.kind = MX_SLOT_OWNING,
		                           .flags = mapped,
		                           .depth = i < 4 ? FUZZ_OWNING : 4 * FUZZ_OWNING};
	else
		*s = guest_word_spec;
	if (one_in(12))
		*s = (struct mx_slot_spec){.kind = MX_SLOT_NONE};
}

static void break_request(void)
{
	uint32_t *words = (uint32_t *)&request;

	for (uint32_t n = 1 + dice_below(3); n; n--) {
		/* Half of them among the fields in front of the slots. */
		uint32_t size = one_in(2) ? offsetof(struct mx_spawn, slots) : sizeof request;

		words[dice_below(size / 4)] = (uint32_t)dice_edge();
	}
	request.flags &= ~MX_SPAWN_UART; /* else the console could not say what was found */
}

/* Some pages of the image, or those of one that has ended. */
static void fill_keep(void)
{
	const struct kid *k = &kids[dice_below(KIDS)];

	request.keep = (struct mx_keep){dice_below(4), 1 + dice_below(40), 0};
	if (!k->handle || (!k->ended && !one_in(4)))
		return;
	request.keep = k->keep;
	request.keep.heir = k->handle;
	if (!one_in(6))
		request.core = k->core;
}

static void fill_request(void)
{
	bool window = !one_in(4), parent = is_root && one_in(4);
	uint32_t depths = 0;

	request = (struct mx_spawn){.name = "fuzz",
	                            .core = dice_below(mx_boot->cores),
	                            .image = args.image,
	                            .image_len = args.image_len,
	                            .stack = 4 + dice_below(8),
	                            .heap = one_in(3) ? dice_below(64) : 0,
	                            .dma = one_in(4) ? dice_below(8) : 0,
	                            .budget = BUDGET,
	                            .misuse = one_in(4) ? dice_below(200) : UINT32_MAX,
	                            .device = is_root && one_in(8) ? 0 : -1,
	                            .args_len = sizeof args};
	request.flags = (window ? MX_SPAWN_WINDOW : 0) | (parent ? MX_SPAWN_PARENT : 0);
	args.seed = dice();
	args.steps = dice_below(400);
	for (uint32_t i = 2; i < 10; i++)
		fill_slot(i, window);
	for (uint32_t i = 0; i < MX_SLOTS; i++)
		if (request.slots[i].kind == MX_SLOT_OWNING)
			depths += request.slots[i].depth;
	request.quota = depths + dice_below(200);
	if (one_in(4))
		fill_keep();
	if (one_in(3))
		break_request();
	args.window = (request.flags & MX_SPAWN_WINDOW) != 0;
	args.parent = (request.flags & MX_SPAWN_PARENT) != 0;
	memcpy(request.args, &args, sizeof args);
}

static uint64_t argument_of(const void *good)
{
	return one_in(30) ? dice_edge() | 1ull << 46 : (uint64_t)(uintptr_t)good;
}

/* It is one's who has ended, and has no other. */
static void judge_heir(void)
{
	struct kid *before = request.keep.heir ? kid_of(request.keep.heir) : NULL;

	if (!request.keep.heir)
		return;
	MUST(before && before->ended && before->core == request.core &&
	     before->keep.first == request.keep.first && before->keep.pages == request.keep.pages);
	before->handle = 0;
}

static void create_step(void)
{
	struct kid *k = kid_of(0);
	uint64_t argument = argument_of(&request);
	int64_t handle;

	if (!k || spawns_n() + count(true) >= most)
		return;
	fill_request();
	handle = spawn(MX_SPAWN_CREATE, argument);
	MUST(handle && handle >= MX_EIMAGE);
	if (handle < 0)
		return;
	MUST(argument == (uint64_t)(uintptr_t)&request && handle > last_handle);
	last_handle = (uint32_t)handle;
	judge_heir();
	*k = (struct kid){last_handle, request.core, request.keep, false};
	spawns_made++;
}

/* A child's handle, or one that is none; never the console's, which came first. */
static uint32_t some_handle(void)
{
	uint32_t handle = kids[dice_below(KIDS)].handle;

	return handle && !one_in(20) ? handle : (uint32_t)dice() | 1u << 31;
}

static uint32_t some_slot(void)
{
	return one_in(12) ? (uint32_t)dice_edge() : 2 + dice_below(8);
}

static void bind_step(void)
{
	struct mx_bind b = {.a = some_handle(), .a_slot = some_slot(), .b = some_handle()};
	int64_t result;

	b.b_slot = b.a_slot;
	if (one_in(3))
		b.b_slot = some_slot();
	if (one_in(3))
		b.b = MX_SELF;
	result = spawn(MX_SPAWN_BIND, argument_of(&b));
	MUST(result == MX_OK || result == MX_EINVAL || result == MX_EPEER || result == MX_ENOMEM ||
	     result == MX_EBUSY);
}

static void life_step(uint64_t op)
{
	uint32_t handle = some_handle();
	int64_t result = spawn(op, handle);

	if (handle >> 31)
		MUST(result == MX_EINVAL);
	else /* it may have ended by itself */
		MUST(result == MX_OK || result == MX_EPEER || result == MX_EINVAL ||
		     (result == MX_EPERM && op == MX_SPAWN_START));
}

static void forget_step(uint32_t handle)
{
	struct kid *k = kid_of(handle);
	int64_t result = spawn(MX_SPAWN_FORGET, handle);

	MUST(result == (k && k->ended ? MX_OK : MX_EINVAL));
	if (result == MX_OK)
		k->handle = 0;
}

static void stat_step(void)
{
	struct mx_stat s = {.core = one_in(8) ? (uint32_t)dice_edge() : dice_below(mx_boot->cores),
	                    .child = one_in(2) ? some_handle() : 0};
	uint32_t core = s.core, child = s.child;
	uint64_t argument = argument_of(&s);
	int64_t result = spawn(MX_SPAWN_STAT, argument);

	MUST(result == MX_OK || result == MX_EINVAL || result == MX_EPEER);
	if (result != MX_OK || argument != (uint64_t)(uintptr_t)&s)
		return;
	MUST(core < mx_boot->cores && s.child == child && !(child >> 31));
	MUST(s.pool_free <= s.pool && s.memory_free <= s.memory && s.held <= 0xffff);
	MUST(child || s.pool == mx_boot->pools[core].count);
}

/* Those that may spawn stay, and one that has not begun. */
static void move_step(void)
{
	struct mx_move m = {.child = some_handle(),
	                    .core = one_in(8) ? (uint32_t)dice_edge() : dice_below(mx_boot->cores),
	                    .flags = one_in(8) ? (uint32_t)dice_edge() : dice_below(2)};
	uint64_t argument = argument_of(&m);
	int64_t result = spawn(MX_SPAWN_MOVE, argument);
	struct kid *k = kid_of(m.child);

	MUST(result == MX_OK || result == MX_EINVAL || result == MX_EPEER || result == MX_EPERM ||
	     result == MX_ENOMEM || result == MX_EBUSY);
	if (result != MX_OK)
		return;
	MUST(argument == (uint64_t)(uintptr_t)&m && k && m.core < mx_boot->cores &&
	     m.flags <= MX_MOVE_COPY);
	k->core = m.core;
}

void spawns_step(void)
{
	switch (dice_below(15)) {
	case 0:
		forget_step(some_handle());
		break;
	case 1:
		MUST(spawn(MX_SPAWN_OPS + dice_below(100), dice_edge()) == MX_EINVAL);
		/* Not a domain's own memory, where it may be told. */
		MUST(spawn(MX_SPAWN_LATTICE, dice_edge() | 1ull << 63) < 0);
		break;
	case 2:
		life_step(MX_SPAWN_KILL);
		break;
	case 3:
	case 4:
		life_step(MX_SPAWN_START);
		break;
	case 5:
		stat_step();
		break;
	case 6:
	case 7:
		move_step();
		break;
	case 8:
	case 9:
	case 10:
		create_step();
		break;
	default:
		bind_step();
	}
}

/* --- ends --- */

/* Of the faults that a child ends by when it chooses to: vectors of the SDM, vol. 3, 6.15. */
static bool chosen(const struct mx_child *e)
{
	return e->status == 6 || e->status == 13 ||
	       (e->status == 14 && e->address % MX_PAGE == FUZZ_TOUCH);
}

static void judge_end(const struct mx_child *e)
{
	if (e->cause == MX_CAUSE_EXIT && e->status >= FUZZ_FAIL)
		must_fail("a child", e->status - FUZZ_FAIL, "see must_fail in fuzz_child.c");
	MUST(e->cause < sizeof spawns_ends / sizeof *spawns_ends);
	MUST(e->cause != MX_CAUSE_FAULT || chosen(e));
	spawns_ends[e->cause]++;
}

void spawns_event(const struct mx_msg *m)
{
	struct mx_child e;
	struct kid *k;

	if (m->kind != MX_EVENT_CHILD)
		return;
	memcpy(&e, m->body, sizeof e);
	k = e.child ? kid_of(e.child) : NULL;
	MUST(k && !k->ended);
	judge_end(&e);
	k->ended = true;
	if (!k->keep.pages)
		k->handle = 0;
}

void spawns_end_all(void)
{
	for (uint32_t i = 0; i < KIDS; i++)
		if (kids[i].handle && kids[i].ended)
			forget_step(kids[i].handle);
		else if (kids[i].handle)
			spawn(MX_SPAWN_KILL, kids[i].handle);
}

/* Traps with wrong numbers, wrong arguments, or by the wrong domain. */
#include "tests/guest/probe.h"

static uint64_t state = 1;

static uint64_t random64(void) /* xorshift64*, Vigna 2016 */
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dull;
}

static bool has_device(void)
{
	bool has = false;

	for (uint32_t i = 0; i < MX_BARS; i++)
		has |= mx_boot->bars[i].base != NULL;
	return has;
}

static uint32_t no_traps(void)
{
	for (int64_t nr = 0; nr < 0x8000; nr++)
		if (nr < MX_TRAP_EXIT || nr > MX_TRAP_DEVICE)
			CHECK(mx_trap(nr, random64(), random64(), random64()) == MX_EINVAL);
	for (int64_t nr = -0x5000; nr < 0; nr++)
		CHECK(mx_trap(nr, 0, 0, 0) == MX_EINVAL);
	for (uint32_t i = 0; i < 10000; i++)
		CHECK(mx_trap((int64_t)(random64() | 1ull << 40), random64(), 0, 0) == MX_EINVAL);
	CHECK(has_device() || mx_trap(MX_TRAP_DEVICE, 0, 0, 0) == MX_EPERM);
	/* A trap's number fills the register: the low half alone is none. */
	CHECK(mx_trap(MX_TRAP_EXIT | 1ll << 32, 0, 0, 0) == MX_EINVAL);
	return 0;
}

static uint32_t spawn_denied(void)
{
	for (uint64_t op = 0; op < 16; op++) {
		CHECK(mx_trap(MX_TRAP_SPAWN, op, (uint64_t)(uintptr_t)mx_boot, 0) == MX_EPERM);
		CHECK(mx_trap(MX_TRAP_SPAWN, op, random64(), random64()) == MX_EPERM);
	}
	return 0;
}

static uint32_t map(uint32_t foreign)
{
	uint32_t frame = probe_frame();

	CHECK(mx_trap(MX_TRAP_MAP, foreign, 1, 0) == MX_EOWNER);
	CHECK(mx_trap(MX_TRAP_MAP, mx_boot->pools[mx_boot->cores].first, 1, 0) == MX_EOWNER);
	CHECK(mx_trap(MX_TRAP_MAP, frame | 1ull << 32, 1, 0) == MX_EOWNER);
	for (uint32_t i = 0; i < 1000; i++)
		CHECK(mx_trap(MX_TRAP_MAP, random64() | 1ull << 50, 1, 0) == MX_EOWNER);
	touch_write((uint64_t)(uintptr_t)mx_frame(frame));
	CHECK(mx_trap(MX_TRAP_MAP, frame, 0, 0) == MX_OK);
	CHECK(mx_trap(MX_TRAP_MAP, frame, 0, 0) == MX_OK);
	CHECK(mx_trap(MX_TRAP_MAP, frame, 1, 0) == MX_OK);
	CHECK(mx_trap(MX_TRAP_MAP, frame, 1, 0) == MX_OK);
	touch_write((uint64_t)(uintptr_t)mx_frame(frame));
	raw_out(SLOT_OWN, MX_NOFRAME, 0)->body[0] = frame; /* tells which address is to fault */
	CHECK(raw_submit() == MX_OK);
	CHECK(mx_trap(MX_TRAP_MAP, frame, 0, 0) == MX_OK);
	touch_read((uint64_t)(uintptr_t)mx_frame(frame));
	return __LINE__;
}

static uint32_t map_denied(void)
{
	uint32_t frame = probe_frame();

	CHECK(mx_trap(MX_TRAP_MAP, frame, 1, 0) == MX_EPERM);
	CHECK(mx_trap(MX_TRAP_MAP, frame, 0, 0) == MX_EPERM);
	return 0;
}

/* It has no window, so its own end of the pair must not be mapped: sending to itself tells. */
static uint32_t parent(uint32_t image, uint64_t length)
{
	static struct mx_spawn q;
	struct mx_bind bind = {.a_slot = SLOT_SIDE, .b_slot = SLOT_SIDE + 1};
	int64_t child;

	probe_request(&q, image, length, &(struct guest_args){.which = PROBE_STREAM_FRAMES});
	q.slots[SLOT_OWN] = q.slots[SLOT_SIDE] = (struct mx_slot_spec){
	        .kind = MX_SLOT_OWNING, .flags = MX_SLOT_MAPPED, .depth = SIDE_DEPTH};
	q.flags |= MX_SPAWN_UART;
	CHECK(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_CREATE, (uint64_t)(uintptr_t)&q, 0) == MX_EPERM);
	q.flags = MX_SPAWN_WINDOW | MX_SPAWN_PARENT;
	CHECK(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_CREATE, (uint64_t)(uintptr_t)&q, 0) == MX_EPERM);
	q.flags = MX_SPAWN_WINDOW | MX_SPAWN_ROOT;
	CHECK(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_CREATE, (uint64_t)(uintptr_t)&q, 0) == MX_EINVAL);
	q.flags = MX_SPAWN_WINDOW;
	child = mx_trap(MX_TRAP_SPAWN, MX_SPAWN_CREATE, (uint64_t)(uintptr_t)&q, 0);
	CHECK(child > 0);
	CHECK(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_POWER, MX_POWER_OFF, 0) == MX_EPERM);
	bind.a = (uint32_t)child;
	bind.a_slot = SLOT_OWN;
	CHECK(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_BIND, (uint64_t)(uintptr_t)&bind, 0) == MX_OK);
	CHECK(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, (uint64_t)child, 0) == MX_OK);
	raw_out(SLOT_SIDE + 1, probe_frame(), 0);
	CHECK(raw_submit() == MX_OK);
	for (;;) {
		struct mx_msg m;

		CHECK(raw_recv(&m, probe_deadline()));
		if (m.slot == SLOT_SIDE + 1 && m.frame != MX_NOFRAME)
			touch_read(
			        (uint64_t)(uintptr_t)mx_frame(m.frame)); /* the fault is due here */
	}
}

/* Whenever it is ended, something of a child is under way. */
static _Noreturn void spawner(uint32_t image, uint64_t b)
{
	static struct mx_spawn q;

	q = (struct mx_spawn){.core = (uint32_t)b & 0xff,
	                      .flags = MX_SPAWN_WINDOW,
	                      .image = image,
	                      .image_len = b >> 8,
	                      .stack = 4,
	                      .heap = 256,
	                      .quota = QUOTA,
	                      .device = -1,
	                      .args_len = sizeof(struct guest_args)};
	memcpy(q.args, &(struct guest_args){.which = PROBE_WAIT}, sizeof(struct guest_args));
	for (;;) {
		int64_t child = mx_trap(MX_TRAP_SPAWN, MX_SPAWN_CREATE, (uint64_t)(uintptr_t)&q, 0);

		if (child <= 0 && child != MX_ENOMEM) /* earlier ones are still being reclaimed */
			mx_exit(__LINE__);
		if (child > 0) {
			mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, (uint64_t)child, 0);
			mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, (uint64_t)child, 0);
		}
		raw_exchange(MX_BATCH, MX_NOW);
	}
}

static uint32_t bad_counts(void)
{
	struct mx_exchange *x = mx_boot->exchange;
	static const uint32_t large[] = {MX_BATCH + 1, 0x8000, 0x7fffffff, 0x80000000, 0xffffffff};
	uint32_t frame = probe_frame();

	for (uint32_t i = 0; i < 4 * sizeof large / sizeof *large; i++) {
		x->out[0] = (struct mx_msg){.frame = frame, .slot = SLOT_OWN};
		x->free[0] = frame;
		x->out_n = x->free_n = 1;
		x->want = x->in_max = 0;
		*(i % 4 == 0   ? &x->out_n
		  : i % 4 == 1 ? &x->in_max
		  : i % 4 == 2 ? &x->free_n
		               : &x->want) = large[i / 4];
		x->deadline = MX_NOW;
		CHECK(mx_trap(MX_TRAP_EXCHANGE, 0, 0, 0) == MX_EINVAL);
	}
	for (uint32_t n = 1; n < MX_CHAIN_MAX; n++) {
		x->out_n = x->free_n = 1;
		x->want = 0;
		x->in_max = n;
		CHECK(mx_trap(MX_TRAP_EXCHANGE, 0, 0, 0) == MX_EINVAL);
	}
	x->out_n = x->free_n = x->want = 0;
	raw_yield();
	CHECK(x->held == 1 && x->bad == 4 * sizeof large / sizeof *large + MX_CHAIN_MAX - 1);
	touch_write((uint64_t)(uintptr_t)mx_frame(frame));
	return 0;
}

static _Noreturn void wait_for_ever(void)
{
	for (;;) {
		struct mx_msg m;

		if (raw_recv(&m, MX_FOREVER))
			raw_free(m.frame);
	}
}

static _Noreturn void notify_for_ever(void)
{
	for (;;) {
		for (uint32_t i = 0; i < 64; i++)
			mx_trap(MX_TRAP_NOTIFY, UINT64_MAX, 0, 0);
		raw_yield();
	}
}

static void do_wrong(enum wrong what)
{
	struct mx_exchange *x = mx_boot->exchange;

	switch (what) {
	case WRONG_TRAP:
		mx_trap(1, 0, 0, 0); /* write, of another system */
		break;
	case WRONG_SPAWN:
		mx_trap(MX_TRAP_SPAWN, MX_SPAWN_STAT, (uint64_t)(uintptr_t)x, 0);
		break;
	case WRONG_MAP:
		mx_trap(MX_TRAP_MAP, 0xffffff, 1, 0);
		break;
	case WRONG_COUNT:
		x->out_n = MX_BATCH + 1;
		mx_trap(MX_TRAP_EXCHANGE, 0, 0, 0);
		x->out_n = 0;
		break;
	case WRONG_FREE:
		x->free[0] = 0xffffff;
		x->free_n = 1;
		raw_yield();
		break;
	default:
		raw_out(SLOT_OWN, 0xffffff, 0);
		raw_submit();
	}
}

/* Entries that only find no room are nothing wrong. */
static uint32_t wrong(enum wrong what, uint64_t times)
{
	for (uint64_t i = 0; i < times; i++)
		do_wrong(what);
	for (uint32_t i = 0; i < OWN_DEPTH + 5; i++)
		raw_out(SLOT_SIDE, MX_NOFRAME, 0); /* bound to nobody */
	raw_yield();
	CHECK(mx_boot->exchange->bad == times);
	return 0;
}

static uint32_t exit_late(uint64_t exchanges, uint64_t until)
{
	for (uint64_t i = 0; i < exchanges || mx_now() < until; i++)
		raw_yield();
	return 0;
}

uint32_t probe_trap(const struct guest_args *args)
{
	switch (args->which) {
	case PROBE_TRAPS:
		return no_traps();
	case PROBE_SPAWN_DENIED:
		return spawn_denied();
	case PROBE_MAP:
		return map(args->a);
	case PROBE_MAP_DENIED:
		return map_denied();
	case PROBE_EXIT:
		return args->a;
	case PROBE_EXIT_LATE:
		return exit_late(args->a, mx_now() + args->b);
	case PROBE_PARENT:
		return parent(args->a, args->b);
	case PROBE_SPAWNER:
		spawner(args->a, args->b);
	case PROBE_WRONG:
		return wrong(args->a, args->b);
	case PROBE_NOTIFIER:
		notify_for_ever();
	case PROBE_BAD_COUNTS:
		return bad_counts();
	default:
		wait_for_ever();
	}
}

/* Entries the executive must refuse, one by one and with the right error, and what stays after. */
#include "tests/guest/probe.h"

static uint32_t held(void)
{
	raw_yield();
	return mx_boot->exchange->held;
}

static uint32_t send_twice(void)
{
	struct mx_exchange *x = mx_boot->exchange;
	uint32_t frame = probe_frame();

	raw_out(SLOT_OWN, frame, 0);
	raw_out(SLOT_OWN, frame, 0)->body[0] = 2;
	CHECK(raw_submit() == MX_EOWNER);
	CHECK(x->refused_n == 1 && x->out[0].body[0] == 2 && x->bad == 1 && x->held == 0);
	return 0;
}

static uint32_t send_later(void)
{
	uint32_t frame = probe_frame();

	raw_out(SLOT_OWN, frame, 0);
	CHECK(raw_submit() == MX_OK);
	for (uint32_t i = 0; i < 10; i++) {
		raw_out(SLOT_OWN, frame, 0);
		CHECK(raw_submit() == MX_EOWNER);
	}
	CHECK(held() == 0);
	return 0;
}

static uint32_t send_foreign(uint32_t foreign)
{
	const struct mx_pool *frozen = &mx_boot->pools[mx_boot->cores];
	uint32_t numbers[] = {
	        foreign,    0,          frozen->first - 1, frozen->first + frozen->count,
	        0x7fffffff, 0x80000000, 0xfffffffe};

	for (uint32_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		raw_out(SLOT_OWN, numbers[i], 0);
		CHECK(raw_submit() == MX_EOWNER);
	}
	for (uint32_t f = 0; f < frozen->first; f++) { /* this probe holds none */
		raw_out(SLOT_OWN, f, 0);
		CHECK(raw_submit() == MX_EOWNER);
	}
	return 0;
}

static uint32_t chain_loop(void)
{
	struct mx_exchange *x = mx_boot->exchange;
	uint32_t f[2] = {probe_frame(), probe_frame()};

	raw_out(SLOT_OWN, f[0], MX_MORE);
	raw_out(SLOT_OWN, f[1], MX_MORE);
	raw_out(SLOT_OWN, f[0], 0);
	CHECK(raw_submit() == MX_EOWNER);
	CHECK(x->refused_n == 3 && x->held == 2 && x->bad == 3);
	for (uint32_t i = 0; i < 3; i++)
		CHECK(x->out[i].status == MX_EOWNER && x->out[i].frame == f[i & 1]);
	touch_write((uint64_t)(uintptr_t)mx_frame(f[0]));
	touch_write((uint64_t)(uintptr_t)mx_frame(f[1]));
	raw_out(SLOT_OWN, f[0], MX_MORE); /* nothing is left of the refusal */
	raw_out(SLOT_OWN, f[1], 0);
	CHECK(raw_submit() == MX_OK && x->held == 0);
	return 0;
}

static uint32_t chain_bad(void)
{
	struct mx_exchange *x = mx_boot->exchange;
	uint32_t f = probe_frame();

	for (uint32_t n = MX_CHAIN_MAX + 1; n <= MX_BATCH; n += 7) { /* too long */
		for (uint32_t i = 0; i < n; i++)
			raw_out(SLOT_OWN, i ? MX_NOFRAME : f, i + 1 < n ? MX_MORE : 0);
		CHECK(raw_submit() == MX_ECHAIN && x->refused_n == n);
	}
	raw_out(SLOT_OWN, MX_NOFRAME, 0); /* cut by the end of the batch */
	raw_out(SLOT_OWN, f, MX_MORE);
	CHECK(raw_submit() == MX_ECHAIN && x->refused_n == 1 && x->out[0].frame == f);
	raw_out(SLOT_OWN, f, MX_MORE); /* two slots in one chain */
	raw_out(SLOT_SIDE, MX_NOFRAME, 0);
	CHECK(raw_submit() == MX_ECHAIN && x->refused_n == 2);
	raw_out(SLOT_OWN, f, MX_MORE); /* a good first part, and a last entry that is not ours */
	raw_out(SLOT_OWN, MX_NOFRAME, MX_MORE);
	raw_out(SLOT_OWN, 0xfffffff0, 0);
	CHECK(raw_submit() == MX_EOWNER && x->refused_n == 3);
	CHECK(held() == 1);
	raw_out(SLOT_OWN, f, 0);
	CHECK(raw_submit() == MX_OK && x->held == 0);
	return 0;
}

static uint32_t send_range(void)
{
	static const uint16_t bad[][2] = {{0, MX_PAGE + 1}, {1, MX_PAGE}, {MX_PAGE, 1},
	                                  {0xffff, 1},      {1, 0xffff},  {0xffff, 0xffff}};
	uint32_t f = probe_frame();

	for (uint32_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct mx_msg *m = raw_out(SLOT_OWN, f, 0);

		m->offset = bad[i][0];
		m->length = bad[i][1];
		CHECK(raw_submit() == MX_ERANGE);
	}
	CHECK(held() == 1);
	raw_out(SLOT_OWN, f, 0)->length = MX_PAGE;
	CHECK(raw_submit() == MX_OK);
	return 0;
}

/* Frozen frames are one run: data may go on in the next one, but not behind the last. */
static uint32_t send_frozen_run(void)
{
	const struct mx_pool *frozen = &mx_boot->pools[mx_boot->cores];
	uint32_t last = frozen->first + frozen->count - 1;
	struct mx_msg *m = raw_out(SLOT_OWN, frozen->first, 0);

	CHECK(frozen->count > 2);
	m->offset = MX_PAGE - 1;
	m->length = MX_PAGE + 2;
	CHECK(raw_submit() == MX_OK);
	raw_out(SLOT_OWN, last, 0)->length = MX_PAGE;
	CHECK(raw_submit() == MX_OK);
	for (uint32_t i = 0; i < 2; i++) {
		m = raw_out(SLOT_OWN, last - i, 0);
		m->offset = i ? 0xffff : 1;
		m->length = i ? 0xffff : MX_PAGE;
		CHECK(raw_submit() == MX_ERANGE);
	}
	return 0;
}

static uint32_t send_kind(void)
{
	uint32_t f = probe_frame();

	for (uint32_t kind = MX_EVENT; kind <= 0xff; kind++) {
		raw_out(SLOT_OWN, f, 0)->kind = (uint8_t)kind;
		CHECK(raw_submit() == MX_EINVAL);
		raw_out(SLOT_OWN, MX_NOFRAME, 0)->kind = (uint8_t)kind;
		CHECK(raw_submit() == MX_EINVAL);
	}
	for (uint32_t flags = 2; flags <= 0xfe; flags += 2) {
		raw_out(SLOT_OWN, f, flags);
		CHECK(raw_submit() == MX_EINVAL);
	}
	CHECK(held() == 1);
	return 0;
}

static uint32_t send_slot(void)
{
	uint32_t f = probe_frame();

	for (uint32_t slot = 0; slot <= 0xff; slot++) {
		if (slot == SLOT_OWN)
			continue;
		raw_out(slot, f, 0);
		CHECK(raw_submit() == (slot == SLOT_SIDE ? MX_EPEER : MX_EINVAL));
	}
	mx_boot->exchange->notify = UINT64_MAX; /* unbound ones among them: nothing happens */
	CHECK(mx_trap(MX_TRAP_NOTIFY, UINT64_MAX, 0, 0) == MX_OK);
	CHECK(held() == 1);
	return 0;
}

/* The suite cannot collect between two entries of one batch, so the credit is known. */
static uint32_t credit(void)
{
	struct mx_exchange *x = mx_boot->exchange;

	CHECK(x->credit[SLOT_OWN] == OWN_DEPTH);
	for (uint32_t i = 0; i < 20; i++)
		raw_out(SLOT_OWN, MX_NOFRAME, i < 19 ? MX_MORE : 0);
	for (uint32_t i = 0; i < 13; i++) /* one more than there is room for: none goes */
		raw_out(SLOT_OWN, MX_NOFRAME, i < 12 ? MX_MORE : 0)->body[0] = 13;
	for (uint32_t i = 0; i < 12; i++)
		raw_out(SLOT_OWN, MX_NOFRAME, 0);
	raw_out(SLOT_OWN, MX_NOFRAME, 0)->body[0] = 1;
	CHECK(raw_submit() == MX_ECREDIT);
	CHECK(x->refused_n == 14 && x->bad == 0);
	for (uint32_t i = 0; i < 14; i++)
		CHECK(x->out[i].status == MX_ECREDIT && x->out[i].body[0] == (i < 13 ? 13 : 1));
	while (x->credit[SLOT_OWN] < OWN_DEPTH) {
		x->thirst = 1ull << SLOT_OWN;
		CHECK(raw_exchange(0, probe_deadline()) >= 0);
		CHECK(x->now < probe_deadline());
	}
	return 0;
}

static uint32_t free_bad(uint32_t foreign)
{
	struct mx_exchange *x = mx_boot->exchange;
	uint32_t f = probe_frame();

	raw_free(foreign);
	CHECK(held() == 1 && x->bad == 1);
	x->free[x->free_n++] = 0xffffffff;
	x->free[x->free_n++] = 0x80000000;
	CHECK(held() == 1 && x->bad == 3);
	raw_free(f); /* twice in one batch, and once more later */
	raw_free(f);
	CHECK(held() == 0 && x->bad == 4);
	raw_free(f);
	CHECK(held() == 0 && x->bad == 5);
	return 0;
}

uint32_t probe_send(const struct guest_args *args)
{
	switch (args->which) {
	case PROBE_SEND_TWICE:
		return send_twice();
	case PROBE_SEND_LATER:
		return send_later();
	case PROBE_SEND_FOREIGN:
		return send_foreign(args->a);
	case PROBE_CHAIN_LOOP:
		return chain_loop();
	case PROBE_CHAIN_BAD:
		return chain_bad();
	case PROBE_SEND_FROZEN:
		return send_frozen_run();
	case PROBE_SEND_RANGE:
		return send_range();
	case PROBE_SEND_KIND:
		return send_kind();
	case PROBE_SEND_SLOT:
		return send_slot();
	case PROBE_CREDIT:
		return credit();
	default:
		return free_bad(args->a);
	}
}

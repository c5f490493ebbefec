/* The cost curve: every way, size and batch. */
#include "tests/crossing/ends.h"

static const uint32_t sizes[] = {64, 256, 1024, 1536, 4096, 16384, 65536};
static const uint32_t batches[] = {1, 8, 32};
static const struct {
	const char *name;
	enum way way;
	bool all;
} ways[] = {
        {"call-look", WAY_CALL, false},       {"call-read", WAY_CALL, true},
        {"shared-look", WAY_SHARED, false},   {"shared-read", WAY_SHARED, true},
        {"remap-look", WAY_REMAP, false},     {"remap-read", WAY_REMAP, true},
        {"fresh-look", WAY_FRESH, false},     {"fresh-read", WAY_FRESH, true},
        {"message-look", WAY_MESSAGE, false}, {"message-read", WAY_MESSAGE, true},
        {"blind", WAY_BLIND, false},
};

#define WARM 3u /* volleys before the first that counts */

static uint32_t frames[FRAMES_MAX]; /* ours, for all ways that move frames */
static uint32_t frozen;             /* the first whole page of the file */
static uint32_t frozen_word;        /* the file counts in 32-bit words */

static void take_frames(void)
{
	struct mx_exchange *x = mx_boot->exchange;

	for (uint32_t have = 0; have < FRAMES_MAX; have += x->got_n) {
		x->want = FRAMES_MAX - have < MX_BATCH ? FRAMES_MAX - have : MX_BATCH;
		turn(0, false);
		memcpy(&frames[have], x->got, x->got_n * sizeof *frames);
		x->want = 0;
	}
}

void curve_open(uint64_t at)
{
	uint64_t page = (at + MX_PAGE - 1) / MX_PAGE;

	frozen = mx_boot->pools[mx_boot->cores].first + (uint32_t)page;
	frozen_word = (uint32_t)((page * MX_PAGE - at) / 4);
	take_frames();
}

/* Two counters of 32 bits make a word; see tests.mk. */
static void expect_frozen(struct order *o)
{
	uint64_t both = 1 + (1ull << 32), step = volley_chain(o) * (MX_PAGE / 4) * both;
	uint64_t words = o->size / 8;

	o->expect = (struct expect){.first = frozen_word * both + (1ull << 32),
	                            .first_step = step,
	                            .sum_step = step * words};
	for (uint64_t i = 0; i < words; i++)
		o->expect.sum += o->expect.first + 2 * i * both;
}

static void expect_filled(struct order *o, uint32_t maker)
{
	static uint64_t payload[PAYLOAD_MAX / 8];

	volley_fill(payload, o->size, 0, 0, maker);
	o->expect = (struct expect){.first_step = 1, .sum = volley_sum(payload, o->size)};
}

static void fill_frames(const struct order *o)
{
	uint32_t chain = volley_chain(o);

	for (uint32_t i = 0; i < o->batch * chain; i++) {
		uint32_t left = o->size - i % chain * MX_PAGE;

		/* They may have come back unmapped. */
		mx_assert(mx_trap(MX_TRAP_MAP, frames[i], 1, 0) == MX_OK);
		volley_fill(mx_frame(frames[i]), left < MX_PAGE ? left : MX_PAGE, i / chain,
		            i % chain * MX_PAGE, ROLE_NEAR);
	}
}

static void prepare(struct order *o)
{
	uint32_t all = o->batch * volley_chain(o);

	for (uint32_t i = 0; i < all; i++)
		volley_stock[i] = o->way == WAY_SHARED ? frozen + i
		                  : o->way == WAY_BARE ? MX_NOFRAME
		                                       : frames[i];
	if (o->way == WAY_SHARED)
		expect_frozen(o);
	else
		expect_filled(o, ROLE_NEAR);
	if (o->way != WAY_SHARED && o->way != WAY_BARE && o->way != WAY_MESSAGE)
		fill_frames(o);
	volley_prepare(o, ROLE_NEAR);
}

static uint64_t shoot(struct order *o, uint32_t rounds)
{
	struct order run = *o, back = *o;
	uint64_t t;

	if (volley_copies(o))
		expect_filled(&back, ROLE_FAR);
	run.rounds = rounds;
	order_start(&run);
	t = mx_now();
	for (uint32_t i = 0; i < rounds; i++) {
		volley_send(&run);
		volley_receive(&back);
	}
	t = mx_now() - t;
	order_finish(&run);
	report_bad(volley_bad);
	volley_bad = 0;
	return t;
}

static uint32_t rounds_for(uint64_t ns, uint64_t warm)
{
	uint64_t n = ns * WARM / (warm + 1);

	return n < 1 ? 1 : n > 100000 ? 100000 : (uint32_t)n;
}

uint64_t curve_volleys(struct order *o, uint64_t ns, uint64_t *crossings)
{
	uint32_t rounds;

	prepare(o);
	rounds = rounds_for(ns, shoot(o, WARM));
	*crossings = 2ull * rounds * o->batch;
	return shoot(o, rounds);
}

/* The pointer is volatile: a receiver elsewhere is no function that could be inlined. */
static uint64_t calls(const struct order *o, const struct mx_msg *pieces, uint32_t rounds)
{
	static void (*volatile receiver)(const struct order *, uint32_t, const struct mx_msg *) =
	        volley_take;
	uint32_t chain = volley_chain(o);
	uint64_t t = mx_now();

	for (uint32_t i = 0; i < rounds; i++)
		for (uint32_t j = 0; j < o->batch; j++)
			receiver(o, j, &pieces[j * chain]);
	return mx_now() - t;
}

static uint64_t call_all(struct order *o, uint64_t ns, uint64_t *times)
{
	static struct mx_msg pieces[FRAMES_MAX];
	uint32_t chain = volley_chain(o), rounds;

	prepare(o);
	for (uint32_t i = 0; i < o->batch * chain; i++)
		pieces[i] = volley_piece(o, volley_stock[i], i % chain);
	rounds = rounds_for(ns, calls(o, pieces, WARM));
	*times = (uint64_t)rounds * o->batch;
	ns = calls(o, pieces, rounds);
	report_bad(volley_bad);
	return ns;
}

void curve_measure(uint64_t ns)
{
	for (uint32_t w = 0; w < sizeof ways / sizeof *ways; w++)
		for (uint32_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
			for (uint32_t b = 0; b < sizeof batches / sizeof *batches; b++) {
				struct order o = {.way = (uint8_t)ways[w].way,
				                  .all = ways[w].all,
				                  .poll = near_polls,
				                  .size = sizes[s],
				                  .batch = batches[b]};
				uint64_t times, took;

				took = o.way == WAY_CALL ? call_all(&o, ns, &times)
				                         : curve_volleys(&o, ns, &times);
				report_add(ways[w].name, o.size, o.batch, took, times);
			}
}

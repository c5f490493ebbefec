/* Frames in quantity: quotas, hoarders, an empty pool, streams. */
#include "tests/guest/probe.h"

#define POOL_MAX 16384u /* frames of one core */

static uint32_t mine[POOL_MAX + 1];
static uint32_t mine_n;

static void free_some(uint32_t n)
{
	while (mine_n && n--)
		raw_free(mine[--mine_n]);
}

static void free_kept(void)
{
	free_some(mine_n);
	raw_yield();
}

/* The slot that is bound owes depth frames of the quota to its peer: these cannot be taken. */
static uint32_t quota(void)
{
	struct mx_exchange *x = mx_boot->exchange;
	uint32_t most = mx_boot->quota - OWN_DEPTH;

	mine_n = raw_take(mine, most + MX_BATCH, mx_now() + 20 * MX_MS);
	CHECK(mine_n == most && x->held == most);
	x->want = MX_BATCH;
	CHECK(raw_exchange(0, mx_now() + MX_MS) >= 0);
	CHECK(x->got_n == 0);
	raw_free(mine[--mine_n]);
	CHECK(raw_take(&mine[mine_n], 1, probe_deadline()) == 1);
	return 0;
}

/* Every frame goes back where it came from, its first word one higher. */
static uint32_t stream(uint64_t add)
{
	struct mx_msg m;

	for (;;) {
		struct mx_msg *back;

		CHECK(raw_recv(&m, MX_FOREVER));
		if (m.kind >= MX_EVENT)
			continue;
		if (m.frame == MX_NOFRAME)
			return 0;
		*(uint64_t *)mx_frame(m.frame) += add;
		back = raw_out(m.slot, m.frame, m.flags & MX_MORE);
		back->offset = m.offset;
		back->length = m.length;
		memcpy(back->body, m.body, sizeof m.body);
		if (!(m.flags & MX_MORE) && mx_boot->exchange->out_n >= SIDE_DEPTH)
			CHECK(raw_submit() == MX_OK);
	}
}

static uint32_t hoard(uint32_t portion)
{
	struct mx_exchange *x = mx_boot->exchange;

	for (;;) {
		CHECK(raw_exchange(MX_BATCH, MX_FOREVER) >= 0);
		CHECK(x->held <= mx_boot->quota);
		for (uint32_t i = 0; i < x->in_n; i++) {
			if (x->in[i].kind < MX_EVENT && x->in[i].frame == MX_NOFRAME)
				return 0;
			mine[mine_n++] = x->in[i].frame;
		}
		if (raw_pending >> SLOT_PLAIN & 1)
			free_some(portion ? portion : mine_n);
		raw_pending = 0;
	}
}

static uint32_t drain(void)
{
	struct guest_word_end end;
	struct guest_word word = {0};

	guest_word_open(&end, mx_boot, SLOT_PLAIN);
	while (raw_take(&mine[mine_n], 1, mx_now() + 20 * MX_MS) && mine_n < POOL_MAX)
		mine_n++;
	CHECK(mine_n && mine_n < POOL_MAX);
	word.seq = mine_n;
	CHECK(guest_word_try_send(&end, &word));
	CHECK(raw_wait(SLOT_PLAIN, probe_deadline()));
	free_kept();
	CHECK(raw_wait(SLOT_PLAIN, probe_deadline()));
	return 0;
}

static uint32_t thirsty(void)
{
	struct guest_word_end end;
	struct guest_word word = {.seq = 1};
	uint32_t frame;

	guest_word_open(&end, mx_boot, SLOT_PLAIN);
	CHECK(raw_take(&frame, 1, probe_deadline()) == 1);
	CHECK(guest_word_try_send(&end, &word));
	raw_free(frame);
	CHECK(raw_wait(SLOT_PLAIN, probe_deadline()));
	return 0;
}

static uint32_t flood(void)
{
	const uint16_t *credit = &mx_boot->exchange->credit[SLOT_OWN];
	uint32_t sent = 0;

	while (*credit) {
		uint32_t n = *credit < MX_BATCH ? *credit : MX_BATCH;

		for (uint32_t i = 0; i < n; i++)
			raw_out(SLOT_OWN, MX_NOFRAME, 0);
		if (raw_submit() != MX_OK)
			break;
		sent += n;
	}
	return sent;
}

uint32_t probe_frames(const struct guest_args *args)
{
	switch (args->which) {
	case PROBE_QUOTA:
		return quota();
	case PROBE_STREAM_FRAMES:
		return stream(args->b);
	case PROBE_HOARD:
		return hoard(args->a);
	case PROBE_DRAIN:
		return drain();
	case PROBE_FLOOD:
		return flood();
	default:
		return thirsty();
	}
}

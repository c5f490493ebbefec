/* Plain channels: streams, wake-ups, and a peer that lies. */
#include "tests/guest/probe.h"

static uint64_t state;

static uint64_t random64(void) /* xorshift64*, Vigna 2016 */
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dull;
}

static uint32_t lie(uint32_t seed)
{
	static const uint32_t edges[] = {0, 1, 63, 64, 65, 128, 0x7fffffff, 0x80000000, 0xffffffff};
	struct mx_ring *tx = mx_boot->slots[SLOT_PLAIN].tx;

	state = seed;
	for (uint32_t i = 0; i < 3000; i++) {
		uint64_t r = random64();
		uint32_t value = r & 1 ? (uint32_t)(r >> 32) : edges[(r >> 8) % 9];

		tx->tail = r & 2 ? value : tx->tail + (uint32_t)(r >> 40) % 130;
		tx->head = r & 4 ? value : tx->head + (uint32_t)(r >> 48) % 130;
		tx->thirst = value;
		memset(tx->slots + (r >> 16) % 64 * 64, (int)value, 64);
		CHECK(mx_trap(MX_TRAP_NOTIFY, 1ull << SLOT_PLAIN, 0, 0) == MX_OK);
		if (i % 16 == 0) /* the suite shall see many of them, from another core too */
			CHECK(raw_exchange(0, mx_now() + 100 * MX_US) >= 0);
	}
	return 0;
}

/* `n` messages each way at once; the ring is full most of the time. */
static uint32_t stream(uint32_t n)
{
	struct guest_word_end end;
	struct guest_word word;
	uint64_t sent = 0, taken = 0;

	CHECK(guest_word_open(&end, mx_boot, SLOT_PLAIN));
	while (sent < n || taken < n) {
		uint64_t before = sent + taken;

		while (guest_word_recv(&end, &word))
			CHECK(word.seq == taken++ && word.more[6] == ~word.seq);
		while (sent < n) {
			word = (struct guest_word){.seq = sent, .more[6] = ~sent};
			if (!guest_word_try_send(&end, &word))
				break;
			sent++;
		}
		if (before == sent + taken)
			CHECK(raw_wait(SLOT_PLAIN, probe_deadline()));
	}
	CHECK(end.end.lies == 0);
	raw_yield();
	return 0;
}

/* Ping and pong by nothing but notifications; each side is slow or quick at random. */
static uint32_t notify(uint32_t rounds, uint64_t seed)
{
	state = seed;
	for (uint32_t i = 0; i < rounds; i++) {
		uint64_t r = random64();

		CHECK(raw_wait(SLOT_PLAIN, probe_deadline()));
		for (uint32_t spin = (r & 3) == 3 ? r >> 8 & 0x1fff : r >> 8 & 0xf; spin--;)
			__asm__ volatile("");
		if (r >> 62 & 1)
			mx_notify_mask = 1ull << SLOT_PLAIN; /* with the next exchange */
		else
			CHECK(mx_trap(MX_TRAP_NOTIFY, 1ull << SLOT_PLAIN, 0, 0) == MX_OK);
	}
	raw_yield();
	return 0;
}

uint32_t probe_plain(const struct guest_args *args)
{
	switch (args->which) {
	case PROBE_LIE:
		return lie(args->a);
	case PROBE_STREAM:
		return stream(args->a);
	default:
		return notify(args->a, args->b);
	}
}

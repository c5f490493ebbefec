/* Frames and channels: rows, and the suite's part in them. */
#include "tests/guest/suite.h"

#define MESSAGES 100000u
#define ROUNDS   20000u

/* The same as the probe does at its end, see probe_plain.c. */
const char *play_stream_plain(struct probe *p)
{
	uint64_t sent = 0, taken = 0;
	struct guest_word word;

	while (sent < MESSAGES || taken < MESSAGES) {
		uint64_t before = sent + taken;

		while (guest_word_recv(&p->plain, &word)) {
			NEED(word.seq == taken && word.more[6] == ~taken);
			taken++;
		}
		while (sent < MESSAGES) {
			word = (struct guest_word){.seq = sent, .more[6] = ~sent};
			if (!guest_word_try_send(&p->plain, &word))
				break;
			sent++;
		}
		if (before == sent + taken)
			NEED(raw_wait(SLOT_PLAIN, mx_now() + CASE_LIMIT / 4));
	}
	NEED(p->plain.end.lies == 0);
	raw_yield();
	return NULL;
}

/* Whatever the peer writes, the own indices stay sound, and lies are counted. */
const char *play_lies(struct probe *p)
{
	struct guest_word word = {0};
	struct mx_end *e = &p->plain.end;
	uint32_t lies = 0; /* of this binding: the end starts anew when the peer has ended */
	struct mx_msg m;

	while (!p->ended) {
		for (uint32_t n = 0; n < 2 * e->depth && guest_word_recv(&p->plain, &word);)
			n++;
		for (uint32_t n = 0; n < 2 * e->depth && guest_word_try_send(&p->plain, &word);)
			n++;
		NEED(e->sent - e->seen_head <= e->depth);
		lies = e->lies > lies ? e->lies : lies;
		serve(&m, mx_now() + MX_MS);
		raw_pending = 0;
	}
	NEED(lies > 0);
	return NULL;
}

const char *play_notify(struct probe *p)
{
	uint64_t r = p->handle * 0x9e3779b97f4a7c15ull;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		r = r * 6364136223846793005ull + 1442695040888963407ull; /* Knuth, MMIX */
		for (uint32_t spin = r >> 62 ? r >> 32 & 0xf : r >> 32 & 0x1fff; spin--;)
			__asm__ volatile("");
		if (r >> 61 & 1)
			mx_notify_mask = 1ull << SLOT_PLAIN;
		else
			NEED(mx_trap(MX_TRAP_NOTIFY, 1ull << SLOT_PLAIN, 0, 0) == MX_OK);
		NEED(raw_wait(SLOT_PLAIN, mx_now() + 2 * MX_S));
	}
	return NULL;
}

const struct row rows_frames[] = {
        {"double send in one exchange", PROBE_SEND_TWICE, WELL},
        {"double send later", PROBE_SEND_LATER, WELL},
        {"send foreign and impossible frames", PROBE_SEND_FOREIGN, WELL, .options = FOREIGN},
        {"chain with a loop", PROBE_CHAIN_LOOP, WELL},
        {"chain too long, cut, mixed, half foreign", PROBE_CHAIN_BAD, WELL},
        {"offset and length beyond the frame", PROBE_SEND_RANGE, WELL},
        {"data in a run of frozen frames, and beyond the last", PROBE_SEND_FROZEN, WELL},
        {"reserved kinds and flags", PROBE_SEND_KIND, WELL},
        {"slots that are not bound or not owning", PROBE_SEND_SLOT, WELL},
        {"more than the credit", PROBE_CREDIT, WELL},
        {"free foreign frames, and twice", PROBE_FREE_BAD, WELL, .options = FOREIGN},
        {"quota", PROBE_QUOTA, WELL},
        {"hostile ring indices", PROBE_LIE, WELL, .a = 1, .play = play_lies},
        {"hostile ring indices, other seed", PROBE_LIE, WELL, .a = 20261121, .play = play_lies},
        {"plain channel, 100000 messages each way", PROBE_STREAM, WELL, .a = MESSAGES,
         .play = play_stream_plain},
        {"no notification is lost in 20000 rounds", PROBE_NOTIFY, WELL, .a = ROUNDS, .b = 7,
         .play = play_notify},
        {.name = NULL}};

/*
 * Concurrency Kit's ring with one producer and one consumer, messages by value. Compiled twice: as
 * deep as a channel, and eight times as deep.
 */
#include <ck_ring.h>
#include "tests/ring/ring.h"

static struct ck_ring there, back;

static void clear(void)
{
	ck_ring_init(&there, DEPTH);
	ck_ring_init(&back, DEPTH);
}

#define CK_ENDS(size)                                                                              \
	CK_RING_PROTOTYPE(r##size, words##size)                                                    \
	static _Alignas(64) struct words##size there##size[DEPTH], back##size[DEPTH];              \
	static inline bool go##size(struct words##size *m)                                         \
	{                                                                                          \
		return ck_ring_enqueue_spsc_r##size(&there, there##size, m);                       \
	}                                                                                          \
	static inline bool come##size(struct words##size *m)                                       \
	{                                                                                          \
		return ck_ring_dequeue_spsc_r##size(&there, there##size, m);                       \
	}                                                                                          \
	static inline bool go_back##size(struct words##size *m)                                    \
	{                                                                                          \
		return ck_ring_enqueue_spsc_r##size(&back, back##size, m);                         \
	}                                                                                          \
	static inline bool come_back##size(struct words##size *m)                                  \
	{                                                                                          \
		return ck_ring_dequeue_spsc_r##size(&back, back##size, m);                         \
	}                                                                                          \
	RING_END(RING_PART, near##size, struct words##size, go##size, come_back##size);            \
	RING_END(RING_PART, far##size, struct words##size, go_back##size, come##size)

CK_ENDS(8);
CK_ENDS(16);
CK_ENDS(32);
CK_ENDS(64);

const struct race RACES[] = {RING_ALL(NAME, 8, clear),
                             RING_ALL(NAME, 16, clear),
                             RING_ALL(NAME, 32, clear),
                             RING_ALL(NAME, 64, clear),
                             {0}};

/*
 * liburcu's wait-free-enqueue queue, with one consumer. It is a list, so its nodes come from an
 * array, and the consumer tells every quarter of it how many may be used again, as a channel does.
 */
#define _LGPL_SOURCE /* the library's own inline functions */
#include <urcu/wfcqueue.h>
#include "tests/ring/ring.h"

struct node {
	_Alignas(64) struct cds_wfcq_node link;
	struct words64 words;
};
struct queue {
	struct cds_wfcq_head head;
	_Alignas(64) struct cds_wfcq_tail tail;
	struct node nodes[RING_DEPTH];
	_Alignas(64) uint64_t sent, seen; /* the producer's */
	_Alignas(64) uint64_t taken;      /* the consumer's */
	_Alignas(64) uint64_t told;
};
static struct queue there, back;

static void clear_one(struct queue *q)
{
	cds_wfcq_init(&q->head, &q->tail);
	q->sent = q->seen = q->taken = q->told = 0;
}

static void clear(void)
{
	clear_one(&there);
	clear_one(&back);
}

static inline bool send(struct queue *q, const void *m, uint32_t size)
{
	struct node *node = &q->nodes[q->sent % RING_DEPTH];

	if (q->sent - q->seen == RING_DEPTH) {
		q->seen = __atomic_load_n(&q->told, __ATOMIC_ACQUIRE);
		if (q->sent - q->seen == RING_DEPTH)
			return false;
	}
	q->sent++;
	memcpy(&node->words, m, size);
	cds_wfcq_node_init(&node->link);
	cds_wfcq_enqueue(&q->head, &q->tail, &node->link);
	return true;
}

static inline bool receive(struct queue *q, void *m, uint32_t size)
{
	struct cds_wfcq_node *link = __cds_wfcq_dequeue_nonblocking(&q->head, &q->tail);

	if (!link || link == CDS_WFCQ_WOULDBLOCK)
		return false;
	memcpy(m, &caa_container_of(link, struct node, link)->words, size);
	if (++q->taken % (RING_DEPTH / 4) == 0)
		__atomic_store_n(&q->told, q->taken, __ATOMIC_RELEASE);
	return true;
}

#define URCU_ENDS(size)                                                                            \
	static inline bool go##size(const struct words##size *m)                                   \
	{                                                                                          \
		return send(&there, m, size);                                                      \
	}                                                                                          \
	static inline bool come##size(struct words##size *m)                                       \
	{                                                                                          \
		return receive(&there, m, size);                                                   \
	}                                                                                          \
	static inline bool go_back##size(const struct words##size *m)                              \
	{                                                                                          \
		return send(&back, m, size);                                                       \
	}                                                                                          \
	static inline bool come_back##size(struct words##size *m)                                  \
	{                                                                                          \
		return receive(&back, m, size);                                                    \
	}                                                                                          \
	RING_END(RING_PART, near##size, struct words##size, go##size, come_back##size);            \
	RING_END(RING_PART, far##size, struct words##size, go_back##size, come##size)

URCU_ENDS(8);
URCU_ENDS(16);
URCU_ENDS(32);
URCU_ENDS(64);

const struct race urcu_races[] = {RING_ALL("urcu", 8, clear),
                                  RING_ALL("urcu", 16, clear),
                                  RING_ALL("urcu", 32, clear),
                                  RING_ALL("urcu", 64, clear),
                                  {0}};

/*
 * Parked packets: see park.h. One pool of frames, in lists by neighbour.
 */
#include "park.h"

static struct {
	struct mx_msg msg;
	uint8_t next;
} park[PARKED_FRAMES + 1]; /* index 0 is no frame */
static uint8_t spare;
static uint32_t opened = 1; /* entries that were ever used */
static uint32_t used;

bool park_take(struct parked *q, struct packet *k, struct mx_msg *chain)
{
	uint32_t n = 0;
	bool more = q->packets > 0;

	while (more) {
		uint8_t i = q->first;

		chain[n] = park[i].msg;
		more = chain[n++].flags & MX_MORE;
		q->first = park[i].next;
		park[i].next = spare;
		spare = i;
	}
	if (n == 0)
		return false;
	used -= n;
	q->packets--;
	packet_of(k, chain, n, &ports[mx_packet(chain)->port]);
	return true;
}

static void drop_oldest(struct parked *q)
{
	struct mx_msg chain[MX_CHAIN_MAX];
	struct packet k;

	if (park_take(q, &k, chain))
		packet_drop(&k, DROP_NEIGHBOUR);
}

static uint8_t take_entry(void)
{
	uint8_t i = spare;

	if (!i)
		return (uint8_t)opened++;
	spare = park[i].next;
	return i;
}

void park_put(struct parked *q, struct packet *k)
{
	if (q->packets == PARKED_PACKETS)
		drop_oldest(q);
	while (q->packets && used + k->n > PARKED_FRAMES)
		drop_oldest(q);
	if (used + k->n > PARKED_FRAMES) {
		packet_drop(k, DROP_NEIGHBOUR);
		return;
	}
	for (uint32_t n = 0; n < k->n; n++) {
		uint8_t i = take_entry();

		park[i].msg = k->chain[n];
		park[i].msg.flags = n + 1 < k->n ? MX_MORE : 0;
		if (q->packets || n)
			park[q->last].next = i;
		else
			q->first = i;
		q->last = i;
	}
	used += k->n;
	q->packets++;
}

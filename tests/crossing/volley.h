/*
 * Volleys: payloads sent and received, the same code at both ends.
 *
 * Interface: volley_open once; volley_prepare for each order; then volley_send and volley_receive
 * in turn. What was sent last may lie in the exchange block until the next turn().
 * Rules: every payload received is compared with what the order expects of it.
 */
#ifndef CROSSING_VOLLEY_H
#define CROSSING_VOLLEY_H

#include "tests/crossing/crossing.h"

extern uint32_t volley_bad;               /* payloads that were not as expected */
extern uint32_t volley_stock[FRAMES_MAX]; /* the frames of the payloads, in order */
extern struct mx_end volley_small;

void volley_open(void);
void volley_prepare(const struct order *o, uint32_t maker); /* maker: enum role */
void volley_send(const struct order *o);
void volley_receive(const struct order *o);
/* Each end makes payloads of its own, and copies them. Else both send the same to and fro. */
static inline bool volley_copies(const struct order *o)
{
	return o->op == OP_VOLLEY && (o->way == WAY_FRESH || o->way == WAY_MESSAGE);
}
/* The receiver's part alone, for one payload that stands in frames. */
void volley_take(const struct order *o, uint32_t payload, const struct mx_msg *m);
/* The entries of a payload: n = volley_chain(o) messages from `m` on. */
uint32_t volley_chain(const struct order *o);
struct mx_msg volley_piece(const struct order *o, uint32_t frame, uint32_t piece);

/*
 * A payload in memory: its index in the first two words, the rest the same for all that one end
 * makes, and different from those of the other, so that a copy that was not made shows.
 */
void volley_fill(uint64_t *to, uint32_t size, uint32_t payload, uint32_t offset, uint32_t maker);
uint64_t volley_sum(const void *from, uint32_t size);

/* One exchange. poll: come back at once, else wait for something to report. */
void turn(uint32_t in_max, bool poll);
extern uint64_t turn_pending; /* slots notified so far; whoever handles one clears it */

#endif

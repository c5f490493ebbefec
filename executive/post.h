/*
 * Control entries to other cores always get there: what a full FIFO has no room for waits here.
 *
 * Interface: post; post_again once a turn while something waits.
 * Rules: entries to one core stay in order. What waits is bounded by what its senders wait for
 * themselves: a parent has two requests under way at most, each gets one reply; an acknowledgement
 * answers an entry that the other core sent in one turn, and it empties its FIFOs before the next;
 * of changes of the lattice each core has one under way, and the arbiter one vote (agree.h); of
 * moves each core has one under way, and tells each peer of it once a step.
 */
#ifndef EXECUTIVE_POST_H
#define EXECUTIVE_POST_H

#include "executive/fifo.h"

#define POST_MOST 512u

bool post(uint32_t core, const struct remote *r); /* false: it waits */
bool post_again(void);                            /* true: nothing waits any more */
bool post_waits(uint32_t core); /* something for it does: nothing else may be pushed */

#endif

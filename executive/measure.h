/*
 * What a message between two cores costs, measured once at boot, over the FIFOs it will take.
 *
 * Interface: measure (on the core that starts the first domain, before that), measure_told, and
 * measure_lingers for the executive's loop. A core sends a message to each core with a higher
 * number and waits for its echo, some times over; half of the quickest round is the cost. Then it
 * tells all, and the next core goes on: one pair at a time, so that none disturbs another. Rules:
 * every wait is bounded. A pair that does not answer in time keeps what the lattice assumes, and a
 * core that is late finds the machine running: nothing depends on the figures being there.
 */
#ifndef EXECUTIVE_MEASURE_H
#define EXECUTIVE_MEASURE_H

#include "executive/fifo.h"

extern uint64_t measure_until; /* ns: a core that was asked looks for the next before it sleeps */

void measure(void);
void measure_told(const struct remote *r);

static inline bool measure_lingers(uint64_t now)
{
	return now < measure_until;
}

#endif

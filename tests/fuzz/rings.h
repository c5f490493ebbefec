/*
 * The plain channels of the machine: the other end of each, honest or not.
 *
 * Both rings have just the bytes that their depth needs, so that the sanitizer sees an index that
 * leaves them. An honest end empties the ring whenever the domain waits, unless it is stalled.
 */
#ifndef FUZZ_RINGS_H
#define FUZZ_RINGS_H

#include "tests/fuzz/events.h"

void rings_reset(void);
/* EVENT_POKE, EVENT_PLAIN, EVENT_STALL, and the end and return of a plain peer: the slots that are
 * pending then. */
uint64_t rings_event(struct event *e);
/* The other ends do their part; the slots that are pending then. */
uint64_t rings_turn(void);
bool rings_send(uint32_t slot, const void *message);
/* What the domain has logged last. */
const char *rings_last_line(void);

#endif

/*
 * The first domain, and its successor when it has ended.
 *
 * Interface: first_spawn (at boot, on one core), first_made (its memory stands), first_ended and
 * first_reaped (of the one there is), first_core_lost (on each living core, when that has dealt
 * with a loss), first_place (who it is, as far as this core was told). Rules: its children outlive
 * it. One that ends is followed by another on its core, unless it did not first look for children
 * of a predecessor, or ended unasked and soon after its start: the next one would do likewise. Then
 * the machine stops; if it had a predecessor what runs goes on without one. When its core is lost,
 * the lowest living core has the next one, or the next core that has room.
 */
#ifndef EXECUTIVE_FIRST_H
#define EXECUTIVE_FIRST_H

#include "executive/domain.h"

extern struct place first_place;
static inline bool first_is(struct place p)
{
	return p.domain && p.core == first_place.core && p.domain == first_place.domain &&
	       p.generation == first_place.generation;
}

void first_spawn(void);
void first_made(struct domain *d);
void first_ended(const struct domain *d, uint32_t cause, uint32_t status, uint64_t rip,
                 uint64_t address);
void first_reaped(void);
void first_asked(const struct remote *r); /* REMOTE_SUCCEED */
void first_core_lost(void);

#endif

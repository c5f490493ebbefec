/*
 * Places in the FIFOs to other cores, reserved for the credit of owning slots.
 *
 * Interface: reserve_take and reserve_give for a slot that is bound and comes apart; the others are
 * for moves.
 * Rules: as much as a slot is deep, for as long as it is bound to a peer on another core: so
 * whoever has credit finds a place. Nothing is reserved for a peer on this core.
 */
#ifndef EXECUTIVE_RESERVE_H
#define EXECUTIVE_RESERVE_H

#include "executive/domain.h"

bool reserve_take(uint32_t core, uint32_t depth); /* false: there are not so many */
void reserve_give(uint32_t core, uint32_t depth);

/* The places that d's bound slots have from here: may they be had, had or not. */
bool reserve_fits(const struct slot *s, uint32_t core); /* with its peer on that core */
bool reserve_all_fit(const struct domain *d);           /* if it lived here */
void reserve_all(const struct domain *d, bool on);
/* s's peer goes to that core, which reserve_fits has agreed to. */
void reserve_move(const struct slot *s, uint32_t core);

#endif

/*
 * What changes in the lattice after boot: where domains live, what cores do, which are lost.
 *
 * Interface: change_domain, change_left, change_lost note that something of this core is due to be
 * said; change_next makes a change of it, change_told that it was decided. change_possible: this
 * replica could make it; change_make makes it. change_load: from time to time, how busy the core
 * is. Rules: nothing is queued. What is due is found by comparing what is with what was said, so
 * however much happens before it can be said, there is one change for each thing. agree.c has them
 * agreed.
 */
#ifndef EXECUTIVE_CHANGES_H
#define EXECUTIVE_CHANGES_H

#include "executive/domain.h"

void change_init(uint64_t now);
void change_domain(uint32_t index);                /* it was made, or ended */
void change_came(uint32_t index);                  /* from another core, `moves` is counted */
void change_left(uint32_t index, uint32_t record); /* it is another core's from now on */
void change_lost(uint32_t core);

bool change_next(struct change *c);
void change_told(const struct change *c);
bool change_possible(const struct change *c);
void change_make(const struct change *c);

/* When to be called again, ns; UINT64_MAX: after the core has slept. */
uint64_t change_load(uint64_t now);
uint64_t change_woken(uint64_t now);

#endif

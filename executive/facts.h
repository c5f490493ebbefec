/*
 * Boot facts as records: what every replica of the lattice begins with.
 *
 * Interface: facts_most (how many records they are at most), facts_fill.
 * Rules: all executives have the same facts and do the same with them, so that a record has the
 * same index in each replica. Pairs of cores are there from the start, at what the levels they
 * share are said to cost: measuring only changes them (measure.c).
 */
#ifndef EXECUTIVE_FACTS_H
#define EXECUTIVE_FACTS_H

#include "iskra/iskra.h"

/* The id of a function's interrupts. */
#define FACTS_INTERRUPT(address) ((uint32_t)(address) << 11)

uint32_t facts_most(void);
void facts_fill(struct iskra *l);

/* --- among facts.c and places.c --- */

void facts_places(struct iskra *l);
/* The record's index. That it does not fit, or is not valid, is a mistake of ours. */
uint32_t facts_insert(struct iskra *l, const struct mx_record *r);

#endif

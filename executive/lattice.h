/*
 * This core's replica of the lattice: what the machine is, and what lives where.
 *
 * Interface: lattice_init (before anything lives here), lattice_copy (MX_SPAWN_LATTICE).
 * Rules: nothing but facts.c, measure.c and enact.c changes it, and each of them changes all
 * replicas alike.
 */
#ifndef EXECUTIVE_LATTICE_H
#define EXECUTIVE_LATTICE_H

#include "executive/domain.h"
#include "iskra/iskra.h"

extern struct iskra *lattice;
extern uint32_t lattice_pages; /* that it takes; a replica elsewhere takes as many */

void lattice_init(void);
/* On each living core, after all that the lost one had said was heard; nothing of it is later. */
void lattice_core_lost(uint32_t core);
int64_t lattice_copy(struct domain *d, uint64_t argument);

#endif

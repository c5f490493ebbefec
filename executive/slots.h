/*
 * The slots of a domain: how they come to be. bind.c joins them.
 *
 * Interface: slots_set (those of a new domain, one by one), slots_release (its interrupts),
 * slots_take (those of one that comes from another core); bind_adopt gives a parent's own slot the
 * shape of a child's.
 */
#ifndef EXECUTIVE_SLOTS_H
#define EXECUTIVE_SLOTS_H

#include "executive/domain.h"

/* ring: of the slot, physical, if it is a plain one. False: the core has no interrupt left. */
bool slots_set(struct domain *d, uint32_t i, const struct mx_slot_spec *spec, uint64_t ring);
void slots_release(struct domain *d);
void slots_take(struct domain *d); /* it has come from another core: its interrupts come here */
int bind_adopt(struct domain *d, uint32_t i, const struct mx_slot_spec *spec);

#endif

/*
 * A parent's side of spawn: the children it has, on whatever core, and what became of them.
 *
 * Interface: children_trap (MX_TRAP_SPAWN), children_report (lifecycle messages at collect),
 * children_handle (replies and news from other executives), children_kill (the parent has ended).
 * Rules: the parent's executive keeps a copy of every child's slots, so that only ends that fit are
 * bound.
 */
#ifndef EXECUTIVE_CHILDREN_H
#define EXECUTIVE_CHILDREN_H

#include "executive/domain.h"

int64_t children_trap(struct domain *d, uint64_t op, uint64_t argument);
uint32_t children_report(struct domain *d, struct mx_msg *in, uint32_t n, uint32_t most);
void children_handle(const struct remote *r);
bool children_kill(struct domain *d); /* false: not all could be told yet */

#endif

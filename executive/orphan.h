/*
 * Children whose parent, the first domain, has ended: they live on, and the next one gets them.
 *
 * Interface: orphan_ask (the new one stands: all cores are to tell it of its children, and when all
 * have it starts), orphan_handle (REMOTE_FIRST, REMOTE_ORPHANS, REMOTE_LIST),
 * orphan_core_lost (who is lost is not waited for).
 * Rules: a child keeps its handle. Whatever it does from then on is told to the new parent, behind
 * the list in the same FIFO, so nothing is lost between. What had not been started yet, and what an
 * ended child left, nobody knows what to do with: it is ended, or forgotten. The list is memory of
 * the core that tells; it is only read by the other, and given back.
 */
#ifndef EXECUTIVE_ORPHAN_H
#define EXECUTIVE_ORPHAN_H

#include "executive/domain.h"

void orphan_ask(struct domain *d);
void orphan_core_lost(void);
void orphan_handle(const struct remote *r);

#endif

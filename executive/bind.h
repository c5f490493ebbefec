/*
 * Slots are bound and come apart. bind_connect, bind_open and bind_gone answer REMOTE_CONNECT,
 * REMOTE_OPEN and REMOTE_GONE; bind_heard opens a slot, bind_end forgets its peer.
 */
#ifndef EXECUTIVE_BIND_H
#define EXECUTIVE_BIND_H

#include "executive/domain.h"

void bind_connect(const struct remote *r);
void bind_open(const struct remote *r);
void bind_heard(struct domain *d, uint32_t s);
void bind_gone(const struct remote *r);
void bind_acked(const struct remote *r); /* REMOTE_GONE_ACK */
void bind_abandon(struct domain *d);     /* it ends: binds under way fail */
void bind_end(struct domain *d, uint32_t s);
void bind_found(struct domain *d, uint32_t s); /* its peer does not move, or no more */
/*
 * All peers of d on that core are gone, and acknowledge nothing; d may be ending itself. halted:
 * those, too, that were about to move from there.
 */
void bind_lost(struct domain *d, uint32_t core, bool halted);

/* The peer of a slot has moved. */
void bind_move(struct domain *d, uint32_t s, struct place peer, uint64_t ring);

#endif

/*
 * A domain moves to another core while its channels go on.
 *
 * move.c is the core it leaves, arrive.c the one it comes to, halt.c those of its peers, peers.c
 * what these are told; luggage.c has the frames that go with it. The
 * parent's executive asks (REMOTE_MOVE) and its trap waits for the end, so nobody binds, ends or
 * asks the domain meanwhile; a parent that is lost has its moves called off before the next one
 * knows the domain. The source asks the target for room, then has every peer halt: a
 * halted slot says nothing more, its credit is withheld, and since FIFOs keep their order the
 * answer is the last that comes from there. The domain runs on until all have answered; then it is
 * taken off its core, as soon as it does not run. The target has the very same record and memory
 * from there on, and tells the peers where it is before anything else. Those on third cores are
 * told by the source before (REMOTE_LAST) that it has said all there.
 *
 * Rules: one move at a time leaves a core. Until it leaves, it can be called off and nothing has
 * happened. The memory a domain was made in stays its home, and the index there held, until it has
 * ended or is copied: the home's regions, addresses (Linux) and bus addresses (IOMMU) go by that
 * index.
 */
#ifndef EXECUTIVE_MOVE_H
#define EXECUTIVE_MOVE_H

#include "executive/domain.h"

void move_handle(const struct remote *r); /* REMOTE_MOVE to REMOTE_RETURN */
bool move_due(const struct domain *d);    /* it leaves when it does not run */
bool move_leave(struct domain *d);        /* false: not yet */
void move_abandon(struct domain *d);      /* it ends */
void move_forsake(struct place asker);    /* who asked for one is no more: it is called off */
bool move_shows(const struct domain *d);  /* the target looks at its record: it must stay */
void arrive_home(struct domain *d);       /* it has ended, and only its memory is left */
/* The slot may speak again, or has no peer any more. */
void halt_over(struct domain *d, uint32_t s);
/* A core is lost: that it went to, or a peer was on; or that somebody was to come from. */
void move_lost(uint32_t core);
void arrive_lost(uint32_t core);

/* --- among move.c, arrive.c, halt.c and peers.c --- */

void arrive_room(const struct remote *r);
void arrive_cancel(const struct remote *r);
void arrive(const struct remote *r);
void arrive_went(const struct remote *r);

void halt(const struct remote *r);
void halt_last(const struct remote *r);
void halt_go(const struct remote *r);
/* The executives of the peers behind these slots, if bound, are told HALT (d goes to `core`, by
   MX_MOVE_* `flags`), LAST or GO. */
void peers_tell(uint32_t kind, const struct domain *d, uint64_t slots, uint32_t core,
                uint32_t flags);
/* d, which goes to `target`, says nothing more here: told to peers on third cores. false: not yet.
 */
bool peers_hear_last(const struct domain *d, uint32_t target);

bool move_goes(const struct domain *d); /* it is to leave, and has not yet */
/* Physical address of d's record, and bytes of its memory from there on. */
uint64_t move_at(const struct domain *d);
uint64_t move_size(const struct domain *d);

#endif

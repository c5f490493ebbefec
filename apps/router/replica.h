/*
 * The other replicas of the router, one a queue pair: who is told of neighbours.
 *
 * Interface: replica_open at the start; replica_tell when a neighbour was heard of on the wire;
 * replica_turn hears the siblings, at every event.
 * Rules: a packet that came by one pair leaves by the same, so replicas share no flow. They share
 * no memory either: each has the whole configuration and its own tables. Replica 0 alone
 * announces addresses, tells the stack of links and sends for it.
 */
#ifndef ROUTER_REPLICA_H
#define ROUTER_REPLICA_H

#include "port.h"

#define REPLICA_COUNTS 3u

void replica_open(void);
bool replica_first(void);     /* it speaks for all of them */
uint32_t replica_count(void); /* of all */
/* mac may be NULL; flags: MX_NEIGHBOUR_SOLICITED, _OVERRIDE, _NEW. */
void replica_tell(const struct port *p, uint8_t family, struct ip ip, const uint8_t *mac,
                  uint32_t flags);
void replica_turn(void);
/* A sibling is another now: what its predecessor was to tell of answers by its queues is asked
 * again. */
void replica_event(const struct mx_msg *m);
uint64_t replica_slots(void); /* pending: there is something to hear */
struct mx_counter;
uint32_t replica_counters(struct mx_counter *table); /* entries written: REPLICA_COUNTS, or none */

#endif

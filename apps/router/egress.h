/*
 * The ways out of the router: what a driver, or the stack, does not take at once waits here, in
 * order.
 *
 * Interface: egress_send to a port and egress_local to the stack, egress_turn at the start and the
 * end of every event, egress_forget when the driver, or the stack, is gone.
 * Rules: a queue is bounded; what finds no room is dropped by the caller. While a queue is more
 * than half full the router collects nothing for a short time: packets that cannot leave are then
 * dropped by the devices they come in by, where dropping costs nothing, and a short burst is not
 * dropped at all. The pause is bounded, so that a driver that hangs delays the other ports once and
 * no more. For the stack there is no pause at all, since it must not hold up what is forwarded, and
 * one port's packets have seven eighths of its queue at most: a flood by one wire leaves room to
 * the others.
 */
#ifndef ROUTER_EGRESS_H
#define ROUTER_EGRESS_H

#include "port.h"

/* Takes the chain, or returns false: no room. */
bool egress_send(struct port *out, struct mx_msg *chain, uint32_t n);
bool egress_local(struct port *in, struct mx_msg *chain, uint32_t n);
void egress_turn(void);
void egress_forget(struct port *out, enum port_count why); /* SELF: the stack */

#endif

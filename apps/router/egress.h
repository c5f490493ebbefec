/*
 * The way out of a port: what its driver does not take at once waits here, in order.
 *
 * Interface: egress_send, egress_turn at the start and the end of every event, egress_forget when
 * the driver is gone.
 * Rules: a queue is bounded; what finds no room is dropped by the caller. While a queue is more
 * than half full the router collects nothing for a short time: packets that cannot leave are then
 * dropped by the devices they come in by, where dropping costs nothing, and a short burst is not
 * dropped at all. The pause is bounded, so that a driver that hangs delays the other ports once and
 * no more.
 */
#ifndef ROUTER_EGRESS_H
#define ROUTER_EGRESS_H

#include "port.h"

/* Takes the chain, or returns false: no room. */
bool egress_send(struct port *out, struct mx_msg *chain, uint32_t n);
void egress_turn(void);
void egress_forget(struct port *out, enum port_count why);

#endif

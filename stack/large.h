#ifndef STACK_LARGE_H
#define STACK_LARGE_H

#include <stdbool.h>
#include "lwip/priv/tcp_priv.h"

/* Bytes of payload of one packet of this connection on the wire. */
uint32_t large_unit(const struct tcp_pcb *pcb);
/* Bytes of payload that one segment may have: more than a unit where the port segments. */
uint32_t large_most(const struct tcp_pcb *pcb);
/* Cuts what waits in pcb->unsent to what the window lets go now. */
void large_cut(struct tcp_pcb *pcb);
/* Of the first unacknowledged segment what is missing becomes one of its own; false: no memory. */
bool large_isolate(struct tcp_pcb *pcb);
void large_turn(void); /* after lwIP's TCP timers: what a time-out asks to be resent */

#endif

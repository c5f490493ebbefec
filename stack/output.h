#ifndef STACK_OUTPUT_H
#define STACK_OUTPUT_H

#include "lwip/pbuf.h"
#include "lwip/err.h"
#include "port.h"

/* Sends p by the port's way; ERR_MEM when credit or frames are short. */
err_t output_packet(struct port *port, const struct pbuf *p);
/* Once after each event, last: sends what was refused and what waited for more to join it. */
void output_turn(void);

extern uint64_t output_packets;
extern uint64_t output_merged; /* segments that joined a packet */
extern uint64_t output_refused;

#endif

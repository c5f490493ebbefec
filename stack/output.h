#ifndef STACK_OUTPUT_H
#define STACK_OUTPUT_H

#include "lwip/pbuf.h"
#include "lwip/err.h"
#include "port.h"

/* Sends p by the port's way; ERR_MEM when credit or frames are short. */
err_t output_packet(struct port *port, const struct pbuf *p);
/* Once after each event, last: sends what was refused. */
void output_turn(void);

extern uint64_t output_packets;
extern uint64_t output_large; /* of these: left to the port to be cut */
extern uint64_t output_refused;

#endif

#ifndef STACK_OUTPUT_H
#define STACK_OUTPUT_H

#include <moxie/packet.h>
#include "lwip/pbuf.h"
#include "lwip/err.h"

void output_start(void);
/* Sends p by slot as MX_IP or MX_ETHER of the port; ERR_MEM when credit or frames are short. */
err_t output_packet(uint32_t slot, uint8_t kind, uint8_t port, const struct pbuf *p);
/* Once after each event: sends again what was refused, and asks to be called when it can be. */
void output_turn(void);

extern uint64_t output_packets;
extern uint64_t output_refused;

#endif

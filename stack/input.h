#ifndef STACK_INPUT_H
#define STACK_INPUT_H

#include <moxie/packet.h>

/* One chain of n messages from the router or a driver. */
void input_chain(const struct mx_msg *chain, uint32_t n);

extern uint64_t input_packets;
extern uint64_t input_bad; /* messages that no port expects */

#endif

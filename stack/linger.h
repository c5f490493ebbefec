#ifndef STACK_LINGER_H
#define STACK_LINGER_H

#include "lwip/tcp.h"

/* Leaves pcb, closed by us and with nothing of ours in it, to end by itself. */
void linger(struct tcp_pcb *pcb);

#endif

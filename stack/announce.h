#ifndef STACK_ANNOUNCE_H
#define STACK_ANNOUNCE_H

#include "lwip/netif.h"

/* Unsolicited neighbour advertisements of all addresses of an Ethernet netif. */
void announce_ip6(struct netif *n);

#endif

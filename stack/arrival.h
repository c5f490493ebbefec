#ifndef STACK_ARRIVAL_H
#define STACK_ARRIVAL_H

#include <stdbool.h>
#include <stdint.h>
#include "lwip/ip_addr.h"
#include "lwip/pbuf.h"

/*
 * Hands the datagram of p, which came from addr and port for the socket `id` of the application, on
 * to it; p is the caller's still. false: dropped, for want of room or frames.
 */
bool arrival(uint8_t app, uint8_t id, struct pbuf *p, const ip_addr_t *addr, uint16_t port);

#endif

#ifndef STACK_OWN_H
#define STACK_OWN_H

#include "lwip/netif.h"

/* The appliance's own addresses as numbers of 12 bits, for messages; 0: none, or not one of them.
 */
uint32_t own_number(struct netif *n, const ip_addr_t *addr);
/* The address of that number and family, and its netif; NULL: there is no such. */
struct netif *own_address(uint32_t number, bool ip6, ip_addr_t *addr);

#endif

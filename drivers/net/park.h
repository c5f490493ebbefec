/*
 * Chains that wait for room in the device: a bounded queue of whole chains, in order.
 */
#ifndef NET_PARK_H
#define NET_PARK_H

#include <stdbool.h>
#include <moxie/driver.h>
#include <moxie/packet.h>

struct park {
	struct mx_msg entries[MX_DRIVER_PARKED]; /* a ring */
	uint32_t first, waiting; /* last: read for each packet, so beside the owner's next fields */
};

bool park_add(struct park *p, const struct mx_msg *chain, uint32_t n); /* false: no room */
/* Copies the first chain out; its length, 0 when none waits. */
uint32_t park_peek(const struct park *p, struct mx_msg chain[MX_CHAIN_MAX]);
void park_take(struct park *p, uint32_t n); /* the first chain, of n, waits no more */
void park_forget(struct park *p);           /* frees all that waits */

#endif

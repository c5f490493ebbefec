#ifndef STACK_COOKIE_H
#define STACK_COOKIE_H

#include <stdbool.h>
#include <stdint.h>
#include "lwip/ip_addr.h"

/* The four-tuple of a connection, and the initial sequence number of its peer. */
struct cookie_key {
	const ip_addr_t *local, *remote;
	uint16_t local_port, remote_port;
	uint32_t irs;
};

/* An initial sequence number that keeps `value` (3 bits). */
uint32_t cookie_make(const struct cookie_key *k, uint32_t value);
/* Was it made here, for this key, lately? */
bool cookie_check(const struct cookie_key *k, uint32_t cookie, uint32_t *value);

#endif

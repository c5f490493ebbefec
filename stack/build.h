#ifndef STACK_BUILD_H
#define STACK_BUILD_H

#include <moxie/packet.h>
#include "lwip/pbuf.h"

/* A packet to be sent, as a chain of frames; n == 0: none. */
struct build {
	struct mx_msg chain[MX_CHAIN_MAX];
	uint32_t n, most; /* entries, and how many may be */
	uint32_t room;    /* bytes left in the last entry; 0 when it is frozen */
	uint32_t length;  /* bytes in all entries */
};

void build_start(void);
/* Begins a packet of at most `most` entries, `headroom` bytes free before it; false: no frame. */
bool build_open(struct build *b, uint32_t most, uint32_t headroom);
/* Adds the bytes of p from `skip` on: all of them, or false and nothing is changed. */
bool build_add(struct build *b, const struct pbuf *p, uint32_t skip);
void build_drop(struct build *b);

#endif

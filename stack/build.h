#ifndef STACK_BUILD_H
#define STACK_BUILD_H

#include <moxie/packet.h>
#include "lwip/pbuf.h"

/* A packet to be sent, as a chain of frames. */
struct build {
	struct mx_msg chain[MX_CHAIN_MAX];
	uint32_t n, most; /* entries, and how many may be */
	uint32_t room;    /* bytes left in the last entry; 0 when it is frozen */
	uint32_t length;  /* bytes in all entries */
	bool copy;        /* frozen content, too */
};

void build_start(void);
/* The packet p in at most `most` entries, `headroom` bytes free before it; false: not enough. */
bool build(struct build *b, const struct pbuf *p, uint32_t most, uint32_t headroom);
void build_drop(struct build *b);

#endif

/*
 * The frames that a domain takes along to another core: who holds a frame is known to the holder's
 * core alone, so on the way they stand in a list.
 *
 * Interface: luggage_pages of memory hold the list; luggage_pack on the core that d leaves,
 * luggage_unpack on the one it comes to.
 */
#ifndef EXECUTIVE_LUGGAGE_H
#define EXECUTIVE_LUGGAGE_H

#include "executive/domain.h"

/* A frame that moves with its holder: frame_state without the owner. */
struct luggage {
	uint32_t frame;
	uint16_t state, unused;
};

uint32_t luggage_pages(const struct domain *d);             /* for as many as its quota allows */
uint32_t luggage_pack(struct domain *d, struct luggage *l); /* how many; d holds none any more */
void luggage_unpack(struct domain *d, const struct luggage *l, uint32_t n);

#endif

/*
 * Frames: who on this core holds which, and the pool of those at home.
 *
 * Interface: frame_take, frame_return; frame_state[] for the exchange.
 * Rules: a frame is held by at most one domain of one core. frame_state[f] is 0 when the frame is
 * not held on this core (it is free, or elsewhere), else the index of the domain that holds it and
 * flags. A frame of another core's pool goes home in batches.
 */
#ifndef EXECUTIVE_FRAME_H
#define EXECUTIVE_FRAME_H

#include <stdbool.h>
#include <stdint.h>
#include "executive/domain.h"

#define FRAME_OWNER  0x00ffu
#define FRAME_QUEUED 0x0100u /* in the inbox of its owner, not collected yet */
#define FRAME_MAPPED 0x0200u /* present in its owner's window */

extern uint16_t *frame_state;
extern uint32_t frame_total;  /* frames of all cores, frozen ones excluded */
extern uint32_t frame_free_n; /* of the own pool, at home */

void frame_init(void);
uint64_t frame_phys(uint32_t frame);
bool frame_frozen(uint32_t frame);
uint32_t frame_take(void); /* out of the own pool; MX_NOFRAME when it is empty. State is 0 */
/* Back to its pool, wherever that is. Its state must be 0 and it must be mapped nowhere. */
void frame_return(uint32_t frame);
void frame_home(uint32_t frame); /* it came home from another core */
bool frame_send_home(bool all);  /* push what waits for other cores; false when some still wait */
void frame_idle(void (*see)(uint32_t frame)); /* all here that nobody holds */
uint32_t frame_quarantined(void);             /* of lost cores: they are given to nobody any more */
uint32_t frame_strange(void);                 /* of lost cores, that domains here still hold */

/* Sanitized builds only: who may touch a frame from here on; NULL: nobody. */
void frame_watched(uint32_t frame, const struct domain *owner);
static inline void frame_watch(uint32_t frame, const struct domain *owner)
{
	if (SANITIZED)
		frame_watched(frame, owner);
}

/* d gives frame up: unmap it, forget the owner. */
static inline void frame_release(struct domain *d, uint32_t frame)
{
	if (frame_state[frame] & FRAME_MAPPED && space_frame_unmap(&d->space, frame)) {
		if (d->stale_n < STALE_MAX)
			d->stale[d->stale_n] = AT_WINDOW + (uint64_t)frame * MX_PAGE;
		d->stale_n++;
	}
	frame_state[frame] = 0;
	frame_watch(frame, NULL);
}

static inline void frame_map(struct domain *d, uint32_t frame)
{
	if (!(frame_state[frame] & FRAME_MAPPED)) {
		space_frame_map(&d->space, frame);
		frame_state[frame] |= FRAME_MAPPED;
	}
}

#endif

/*
 * The lead of a port with several queue pairs: it has the device, and pair 0.
 *
 * Order of a start: the device is opened; init hears how many pairs it can have and answers how
 * many are used; the followers tell where their rings lie; all queues are set up, DRIVER_OK, and
 * the command that turns the pairs on. Then everybody may ring.
 * Rules: a follower's rings are taken at its word, as its descriptors are by the device; only
 * what the device cannot bear is refused. When a follower ends the executive has stopped the
 * device, so the lead ends too.
 */
#ifndef NET_LEAD_H
#define NET_LEAD_H

#include "driver.h"

void lead_start(const struct mx_driver_args *args);
void lead_pairs(uint64_t pairs); /* init has decided */
void lead_parent(void);          /* init is another one */
void lead_turn(void);            /* at every event: goes on as far as it can */
void lead_link(void);            /* the link has changed: the followers are to hear of it */

#endif

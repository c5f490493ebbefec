/*
 * What the files of the virtio driver share: its device, its two queues, and how they begin.
 *
 * A driver alone on its port begins in driver_start. On a port with several queue pairs the lead
 * and its followers talk first (lead.h, follower.h); driver_works says that the queues do.
 */
#ifndef NET_VIRTIO_DRIVER_H
#define NET_VIRTIO_DRIVER_H

#include "device.h"
#include "receive.h"
#include "transmit.h"

extern struct device device; /* of a follower: features and link only */
extern struct receiver rx;
extern struct transmitter tx;

_Noreturn void driver_fail(const char *reason);
void driver_works(void); /* the queues work: packets may come and go */
void driver_link(void);  /* device.link has changed: the peer is to hear of it */

#endif

/*
 * What the files of the driver domain share: its port's state, and how it begins.
 *
 * A driver alone on its port begins in domain_start. On a port with several queue pairs the lead
 * and its followers talk first (lead.h, follower.h); driver_works says that the queues do.
 */
#ifndef NET_DRIVER_H
#define NET_DRIVER_H

#include <moxie/control.h>
#include <moxie/driver.h>
#include "device.h"
#include "receive.h"
#include "transmit.h"

extern struct device device; /* of a follower: features and link only */
extern struct receiver rx;
extern struct transmitter tx;
extern struct mx_control_end parent;

_Noreturn void driver_fail(const char *reason);
void driver_works(void); /* the queues work: packets may come and go */
void driver_ready(void); /* init is to hear READY */
void driver_link(void);  /* device.link has changed: the peer is to hear of it */

#endif

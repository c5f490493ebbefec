/*
 * What the files of the driver for ports of the host share, and how it begins.
 */
#ifndef NET_LINUX_DRIVER_H
#define NET_LINUX_DRIVER_H

#include "device.h"
#include "receive.h"
#include "transmit.h"

extern struct device device;
extern struct receiver rx;
extern struct transmitter tx;

void driver_works(void); /* its queue is to be used */

#endif

/*
 * A follower: it drives one queue pair of a device that its lead has (lead.h).
 *
 * It owns its rings and vectors and can ring doorbells, and has nothing else of the device. When
 * its lead ends it ends too.
 */
#ifndef NET_FOLLOWER_H
#define NET_FOLLOWER_H

#include "driver.h"

void follower_start(const struct mx_driver_args *args);
void follower_turn(void); /* at every event: hears the lead */

#endif

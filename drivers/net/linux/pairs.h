/*
 * The drivers of one port with several queues: each reads and writes the descriptor of its own.
 *
 * The lead, pair 0, owns the device. It tells init how many queues there are and hears how many
 * are used; then followers hear by LINK that theirs is, or by OFFER that it is not.
 */
#ifndef NET_LINUX_PAIRS_H
#define NET_LINUX_PAIRS_H

#include <moxie/driver.h>

void pairs_start(const struct mx_driver_args *args);
void pairs_use(uint64_t n); /* init has decided */
void pairs_parent(void);    /* init is another one */
void pairs_turn(void);      /* at every event: goes on as far as it can */

#endif

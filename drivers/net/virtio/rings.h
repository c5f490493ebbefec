/*
 * The rings of one queue pair in DMA memory: receive ring, transmit ring.
 */
#ifndef NET_RINGS_H
#define NET_RINGS_H

#include "driver.h"

/* The queues are as large as wish, device and memory allow. NULL, or why it cannot be. */
const char *rings_lay_out(const struct mx_driver_args *args, const struct mx_region *dma,
                          uint32_t rx_most, uint32_t tx_most);

#endif

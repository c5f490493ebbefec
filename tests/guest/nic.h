/*
 * A NIC as a means to read and write by bus address: its control queue (virtio 1.x 5.1.6.5).
 *
 * A command there is two bytes that the device reads and one that it writes, wherever the
 * descriptors say. Nothing has to come or go by the wire for it.
 */
#ifndef GUEST_NIC_H
#define GUEST_NIC_H

#include <stdbool.h>
#include <stdint.h>

#define NIC_NUMBERS   256u /* descriptors of the transmit queue */
#define NIC_DMA_PAGES 4u

/*
 * NULL, or why it cannot be. numbers_at: where the device is to tell what it has sent; 0: in the
 * ring, as it should be.
 */
const char *nic_open(const uint8_t config[256], uint64_t numbers_at);
/* False: the device did not do it before the deadline. It writes 0 or 1. */
bool nic_move(uint64_t read_from, uint64_t write_to, uint64_t deadline);
uint64_t nic_scratch(void);             /* bus address of a byte that may be read and written */
volatile uint8_t *nic_scratch_at(void); /* the same */
/* Have it tell the numbers of so many descriptors: first, first + 1, …, NIC_NUMBERS - 1. */
void nic_number(uint16_t first);

#endif

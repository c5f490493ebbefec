/*
 * The control queue (virtio 1.x 5.1.6.5), one command at a time.
 *
 * Interface: command_start sets the queue up before DRIVER_OK; command_pairs sends the command;
 * command_poll tells how it went. Completions interrupt by the configuration's vector.
 */
#ifndef NET_COMMAND_H
#define NET_COMMAND_H

#include "device.h"

#define COMMAND_BYTES 4096u /* of DMA memory; a page is the least that can be had */

enum command_result { COMMAND_WAITS, COMMAND_DONE, COMMAND_REFUSED };

/* NULL, or why it cannot be. */
const char *command_start(struct device *d, void *memory, uint64_t bus);
void command_pairs(uint16_t pairs); /* 5.1.6.5.6 */
enum command_result command_poll(void);

#endif

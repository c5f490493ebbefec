/*
 * A machine for the boot phase's parsers on the host: memory from 0 up, words caught.
 *
 * Interface: host_memory is physical address 0; host_panics runs a function and tells whether it
 * ended in panic; host_said is what print and panic said since host_reset.
 */
#ifndef PLATFORM_HOST_H
#define PLATFORM_HOST_H

#include <stdbool.h>
#include <stdint.h>

#define HOST_MEMORY 0x1000000u /* bytes */

extern uint8_t *host_memory;
extern char host_said[4096];
extern uint32_t host_config[0x10000][64]; /* configuration space, by PCI address */

void host_reset(void);
bool host_panics(void (*f)(void));

#endif

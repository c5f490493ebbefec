/*
 * The boot phase, as the files of host/ see each other: what happens before the threads start.
 */
#ifndef LINUX_BOOT_H
#define LINUX_BOOT_H

#include "executive/linux/host/host.h"

extern struct machine host_machine; /* each core gets a copy */

_Noreturn void host_die(const char *what, const char *why); /* status 2 */

void options_read(int argc, char **argv);

/* The ports of the command line, in order. */
extern const char *options_ports[MX_DEVICES];
extern uint32_t options_ports_n;

void memory_open(void);   /* memory, bundle, configuration, shares */
void topology_open(void); /* after that */
void time_open(void);
void ports_open(void);
void cores_start(void);

/* A bundle with the images of linux_drivers[] added, of whole pages, and its length. */
uint64_t bundle_size(const char *file);
uint64_t bundle_read(void *to); /* what bundle_size has seen; returns its bytes */

#endif

/*
 * The program around the executives, as they see it: what a machine and its loader are elsewhere.
 *
 * One copy of host/ serves all cores; each core has its own copy of the executive, code and data
 * (see executive/linux.mk), and runs it on a thread of its own. The executive calls host_* and
 * libc; the host calls what the executive hands out in struct core_entry.
 * Rules: what is set before the threads start is read freely afterwards. All else that is shared
 * is atomic, or the kernel's.
 */
#ifndef LINUX_HOST_H
#define LINUX_HOST_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include "executive/machine.h"

#define HOST_CORES 8u /* copies of the executive in the program */

/* What a core brings. */
struct seat;
struct core_entry {
	void (*start)(const struct machine *m, uint32_t core, struct seat *seat); /* no return */
	/* A signal found these registers on the core's thread; %fs is the host's. May not return.
	 */
	void (*fault)(int number, const greg_t *registers);
	void (*tick)(const greg_t *registers);
	uint64_t (*fifo_bytes)(uint32_t cores);      /* see fifo_area_bytes, before any starts */
	uint64_t (*asleep)(const struct machine *m); /* see fifo_asleep; from any thread */
};
extern const struct core_entry *const host_entries[HOST_CORES];

/* Where a core sits: its thread's things. */
struct seat {
	uint64_t host_fs;               /* the thread's own block */
	uint8_t *stack, *stack_top;     /* of the executive; 16-byte aligned */
	uint8_t *signals, *signals_top; /* where signals are served */
	int epoll, bell; /* descriptors: interrupts, and an eventfd that other cores write */
};
extern struct seat host_seats[HOST_CORES];

/* The command line. */
struct host_options {
	uint32_t cores;
	uint64_t memory; /* bytes */
	uint64_t spin;   /* ns a core looks around before it sleeps */
	bool strict;     /* a frame can be touched by its owner alone */
	bool linger;     /* go on when the input from files has ended */
	bool perf_map;   /* see symbols.h */
	const char *bundle, *config;
};
extern struct host_options host_options;

/*
 * Memory: a file without a name, mapped once from host_memory on. A physical address, and so a bus
 * address too, is where the host sees the byte. Owned frames lie in order of their numbers, then
 * the bundle: frame 0 at host_pools. host_window: where domains see frame 0 when all may see all.
 */
extern int host_memory_file;
extern uint8_t *host_memory, *host_pools, *host_window;

extern bool host_fsgsbase; /* the processor and the kernel let us set %fs */

/* A device: 0 closed, 1 open for an owner, 2 started. */
extern uint32_t host_device_state[MX_DEVICES];
/* The descriptor behind an interrupt vector of a device, or -1; write: it waits for room. */
int host_vector(const struct device *d, uint32_t vector, bool *write);

void host_ring(uint32_t core);
void host_write(const char *text, uint32_t length); /* on the serial line */
_Noreturn void host_power(uint32_t how);
_Noreturn void host_panic(void);

#endif

/*
 * The machine as the boot phase found it, and how it was divided.
 *
 * Filled once by the boot core before any executive runs. Every core's executive has its own copy
 * of all static data (made at the end of the boot phase, mapped at the same address), so this
 * is a replica: read freely, nothing here is shared.
 */
#ifndef EXECUTIVE_MACHINE_H
#define EXECUTIVE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>
#include <moxie/abi.h>
#include "executive/topology.h"

#define SHARES 4u /* ranges of memory one core can be given */

struct range {
	uint64_t base; /* physical, page aligned where it is memory */
	uint64_t size; /* bytes; 0: none */
};

struct device {
	struct mx_device info;
	struct range bar[MX_BARS]; /* memory BARs; I/O BARs stay empty */
	uint64_t msix_table;       /* physical; 0 when it has no MSI-X */
	struct range
	        msix_hidden[2]; /* pages of table and pending bits: never mapped into a domain */
	uint64_t command;       /* physical address of its configuration space (ECAM) or 0 */
};

struct machine {
	uint32_t cores;
	uint32_t hardware_id[MX_CORES_MAX];       /* LAPIC id */
	struct range share[MX_CORES_MAX][SHARES]; /* memory each executive owns, pools excluded */
	struct mx_pool pools[MX_POOLS]; /* [core]: its frames; [cores]: the bundle, frozen */
	struct range fifos;             /* memory of all core-to-core FIFOs, see fifo.h */
	struct range bundle;            /* the boot archive; size 0: none was given */
	uint64_t bundle_len;            /* bytes; bundle.size is whole pages */
	struct range config;            /* text from the loader, zero padded to whole pages */
	uint64_t config_len;
	uint64_t memory;  /* bytes of memory in all */
	uint32_t console; /* enum mx_serial */
	struct mx_screen_info screen;
	struct range framebuffer; /* of the screen; size 0: none */
	uint32_t devices_n;
	struct device devices[MX_DEVICES];
	struct topology topology;
	uint64_t tsc_base, tsc_mult; /* ns = ((tsc - tsc_base) * tsc_mult) >> 32 */
};

#define MACHINE_FRAMES 16384u        /* of one core at most */
#define MACHINE_PLENTY (28ull << 20) /* of one core: domains need less than 3/8 of it */

/* How many frames a core with so much memory is given. */
static inline uint64_t machine_frames(uint64_t bytes)
{
	uint64_t n = (bytes < MACHINE_PLENTY ? bytes / 2 : bytes / 8 * 5) / MX_PAGE;

	return n < MACHINE_FRAMES ? n : MACHINE_FRAMES;
}

/* A build for a sanitizer (SANITIZE in the Makefile); on Linux only. */
#ifndef SANITIZED
#define SANITIZED 0
#endif

extern struct machine machine;
extern uint32_t self; /* own core, 0 .. machine.cores - 1 */

#endif

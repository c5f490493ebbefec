/*
 * A firmware for the loader's sources on the host: memory with a map, one file, words caught.
 *
 * Interface: "physical" memory stands at HOST_BASE, so that addresses below 4 GiB are pointers; the
 * map is the test's to fill. What memory_pages gives is unpoisoned for the address sanitizer, all
 * else there is not.
 */
#ifndef LOADER_HOST_H
#define LOADER_HOST_H

#include "loader/loader.h"

#define HOST_BASE 0x20000000ull
#define HOST_SIZE 0x2000000ull
#define MAP_MOST  600u

struct region {
	UINT32 type;
	UINT64 base, size;
};
extern struct region host_map[MAP_MOST];
extern UINT32 host_map_n;
extern UINT32 host_stale;  /* so many ends of boot services are refused: the map has changed */
extern UINT64 host_refuse; /* an allocation at this address fails once */
extern char host_said[4096];

/* The file that is there, by whatever name; read: how much a read gives at most, 0: it fails. */
extern struct host_file {
	const void *bytes;
	UINT64 size, at;
	UINT64 attribute;
	UINT64 read;
	EFI_STATUS open;
} host_file;

void host_reset(void);
void host_free(UINT64 base, UINT64 size); /* one more range of free memory */

#endif

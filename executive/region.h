/*
 * The memory of this core: records of (base, size, owner).
 *
 * Interface: region_give at boot; region_alloc, region_free (one run), region_free_owner (all runs
 * of a domain). Rules: page granularity, first fit, contiguous; owner 0 is free, OWNER_EXECUTIVE
 * the executive, anything else the index of a local domain. Memory is zeroed when it is handed out.
 */
#ifndef EXECUTIVE_REGION_H
#define EXECUTIVE_REGION_H

#include <stdint.h>

#define OWNER_EXECUTIVE 0xffffu

void region_give(uint64_t base, uint64_t size);
uint64_t region_alloc(uint32_t pages, uint32_t owner); /* physical; 0 when there is none */
void region_free_owner(uint32_t owner);
uint64_t region_total(void); /* bytes */
uint64_t region_free(void);

#endif

/*
 * The memory of this core: records of (base, size, owner).
 *
 * Interface: region_give at boot; region_alloc, region_reserve, region_return (one run),
 * region_free_owner (all runs of a domain). Rules: page granularity, the smallest run that will do,
 * contiguous; owner 0 is free, OWNER_EXECUTIVE the executive, anything else the index of a local
 * domain. What is reserved still holds what its owner before left there: it is zeroed step by step
 * before a domain sees any of it.
 */
#ifndef EXECUTIVE_REGION_H
#define EXECUTIVE_REGION_H

#include <stdint.h>

#define OWNER_EXECUTIVE 0xffffu

void region_give(uint64_t base, uint64_t size);
uint64_t region_reserve(uint32_t pages, uint32_t owner); /* physical; 0 when there is none */
uint64_t region_alloc(uint32_t pages, uint32_t owner);   /* the same, zeroed: for a few pages */
void region_return(uint64_t base);
void region_free_owner(uint32_t owner);
uint64_t region_total(void); /* bytes */
uint64_t region_free(void);

#endif

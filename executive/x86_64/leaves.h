/*
 * What CPUID says of a core's place: its package, physical core and thread, and its caches.
 *
 * Interface: leaves_choose (which two leaves all cores are to report), leaves_own (this core's
 * report), leaves_read (a report into machine.topology). Each core reports its own, since cores of
 * one machine can differ. Rules: SDM vol. 2A, CPUID; leaves 1FH or 0BH and 4; AMD's 8000001DH has
 * the format of 4.
 */
#ifndef X86_64_LEAVES_H
#define X86_64_LEAVES_H

#include <stdint.h>
#include "executive/x86_64/cpu.h"
#include "executive/x86_64/layout.h"

enum { LEAF_PLACE, LEAF_CACHES, LEAVES }; /* 0 in `leaves`: the processor has none */

void leaves_choose(uint32_t *leaves);
void leaves_own(const uint32_t *leaves, struct cpuid said[LEAVES * SUBLEAVES]);
void leaves_read(uint32_t core, uint32_t id, const uint32_t *leaves,
                 const struct cpuid said[LEAVES * SUBLEAVES]);

#endif

/*
 * What outlives a domain: variables that its successor may look at.
 *
 * Interface: a variable declared with MX_KEPT is left at the domain's end, however it ends; mx_left
 * gives the successor the predecessor's copy of it, read-only. Init asks for it at spawn: it keeps
 * the pages of the image that hold the section.
 * Rules: nothing is copied or looked at while a domain works, so keeping costs nothing. There is
 * no copy after a first start, for another image, on another core, or after several quick ends:
 * then a domain begins anew. The copy was written by one that may have ended because of it:
 * whatever is taken over is checked first, and pointers are not followed. Counters can hold
 * anything.
 */
#ifndef MOXIE_KEPT_H
#define MOXIE_KEPT_H

#include <stdint.h>

#define MX_KEPT __attribute__((section("mx_kept")))

/* The predecessor's copy of `size` bytes at `own`; NULL when there is none. */
const void *mx_left(const void *own, uint64_t size);
/* Adds to n counters what the predecessor had counted: once, at the start. */
void mx_left_counts(uint64_t *own, uint32_t n);

#endif

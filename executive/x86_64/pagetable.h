/*
 * Entries of page tables (Intel SDM vol. 3, 4.5): what space.c and root.c have in common.
 *
 * root.c stands in isolated/, with all else that keeps one domain from another and from the
 * executive: its root and window, the way in and out, what it leaves in the processor. flat/ takes
 * that folder's place in the benchmark's build without isolation (make flat), and only there.
 */
#ifndef X86_64_PAGETABLE_H
#define X86_64_PAGETABLE_H

#include "executive/space.h"

#define PRESENT  (1ull << 0)
#define WRITABLE (1ull << 1)
#define USER     (1ull << 2)
#define UNCACHED (1ull << 4 | 1ull << 3) /* PCD, PWT */
#define COMBINED (1ull << 3)             /* PWT alone: what cpu.c has put there in the PAT */
#define ACCESSED (1ull << 5)
#define DIRTY    (1ull << 6)
#define NX       (1ull << 63)
#define ADDRESS  0x000ffffffffff000ull

static inline uint64_t table_count(uint64_t entries)
{
	return (entries + 511) / 512;
}

/* The entry for `address` at `level` (0: leaf), making the tables on the way if `s` may grow. */
uint64_t *pagetable_walk(struct space *s, uint64_t root, uint64_t address, int level);

/* --- root.c --- */

extern const uint64_t root_ring;  /* in every leaf of a domain: USER, if it runs in ring 3 */
uint32_t root_pages(bool window); /* of tables a space needs for its root and its window */

#endif

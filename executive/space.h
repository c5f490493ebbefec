/*
 * The address space of a domain: what stands where, and its page tables (per machine: x86_64/,
 * linux/).
 *
 * Interface: space_create, space_map for what stays for life, space_window_fill, space_load.
 * Rules: W^X. Tables come out of one run of pages, sized by space_pages before the domain exists,
 * so that nothing can fail later. The executive sees every page through the direct map, never by
 * these.
 */
#ifndef EXECUTIVE_SPACE_H
#define EXECUTIVE_SPACE_H

#include <stdbool.h>
#include <stdint.h>
#include "executive/arch.h"

/*
 * Addresses in every domain. The last bits are staggered: emulators and small TLBs are
 * direct-mapped by the low bits of the page number, so the hot pages must not meet there.
 */
#define AT_IMAGE    0x0000000040000000ull /* at most 64 MiB */
#define AT_HEAP     0x0000000050080000ull /* at most 256 MiB less that */
#define AT_DMA      0x00000000600a0000ull /* at most 16 MiB */
#define AT_BARS     0x0000000064000000ull /* 16 MiB each */
#define AT_BAR_SIZE 0x0000000001000000ull
#define AT_KEPT     0x000000006a0b0000ull
#define AT_BOOT     0x0000000070060000ull
#define AT_EXCHANGE 0x0000000070061000ull
#define AT_TLS      0x0000000070065000ull
#define AT_STACK    0x00000000700f0000ull /* its top; it grows down, a guard page ends it */
#define AT_RINGS    0x0000000070200000ull /* slot s: own ring, then the peer's */
#define AT_MACHINE  0x0000000070400000ull
#define AT_CONFIG   0x0000000070480000ull /* at most 512 KiB */
#define AT_WINDOW   0x0000100000000000ull
#define STACK_MAX   64u     /* pages */
#define STACK_ROOM  128u    /* pages a stack has in a sanitized build, where all is larger */
#define HEAP_MAX    0xff80u /* pages */
#define DMA_MAX     0x1000u
#define IMAGE_MAX   0x4000u

/* COMBINE: a device whose writes may be joined, a picture say. */
enum access { READ = 0, WRITE = 1, EXECUTE = 2, DEVICE = 4, COMBINE = 8 };

/* Registers that outlive a wait; order fixed by the machine's trap.S. */
struct context {
	uint64_t r15, r14, r13, r12, rbp, rbx, rip, rsp;
};

struct space {
	uint64_t root; /* physical */
	uint64_t base; /* added to the addresses above but AT_WINDOW; 0 if its tables are its own */
	uint64_t tables, tables_end; /* the run the tables come from */
	uint64_t *window; /* leaf entries, frame f's is window[f]; NULL: it may not map frames */
};

/* Pages of tables a space needs for these sizes (pages). */
uint32_t space_pages(uint32_t image, uint32_t heap, uint32_t dma, uint32_t bars, uint32_t kept,
                     bool window);
/* `tables` are clear. `domain`: its index, which tells it apart where several share their tables.
   Of the window only the tables stand; its entries are filled next, some at a time. */
void space_create(struct space *s, uint32_t domain, uint64_t tables, uint32_t pages, bool window);
void space_window_fill(struct space *s, uint32_t first, uint32_t n);
uint64_t space_window(const struct space *s); /* where the domain sees frame 0 */
/* Where the domain itself sees one of the addresses above. */
static inline void *space_at(const struct space *s, uint64_t address)
{
	return (void *)(s->base + address);
}
/* Where it sees a ring at `at` that is mapped at one of the addresses above. A sanitizer must find
   both ends of a ring at one address, or it sees no race between them. */
static inline void *space_ring(const struct space *s, uint64_t address, uint64_t at)
{
	return SANITIZED ? direct(at) : space_at(s, address);
}
static inline uint32_t space_stack(uint32_t pages)
{
	return SANITIZED ? STACK_ROOM : pages;
}
/* Maps `pages` from physical `at` at one of the addresses above; what was mapped is replaced. */
bool space_map(struct space *s, uint64_t address, uint64_t at, uint32_t pages, uint32_t access);
void space_unmap(struct space *s, uint64_t address, uint32_t pages);
/* Physical address behind the domain's own `address`, 0 when it is not mapped for that access. */
uint64_t space_lookup(const struct space *s, uint64_t address, uint32_t access);

void space_frame_map(struct space *s, uint32_t frame);
/* True when this core may still hold the translation, so that it must be flushed. */
bool space_frame_unmap(struct space *s, uint32_t frame);

/*
 * A domain comes to this core, where it has index `domain`. False: addresses are fixed to the core,
 * or, for a copy, to memory.
 */
bool space_moves(bool copy);
void space_move(struct space *s, uint32_t domain);
/* All of its memory was copied: from `old`, `size` bytes, to `now`; its tables with it. */
struct area;
void space_relocate(struct space *s, const struct area *tables, uint64_t old, uint64_t size,
                    uint64_t now);

/* Only for the own core. */
void space_load(const struct space *s);
void space_flush(uint64_t address);
void space_leave(void); /* load no domain's tables, so that they can be freed */

#endif

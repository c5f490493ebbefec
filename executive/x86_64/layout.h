/*
 * The upper half of every address space on a core, and the fixed numbers of the platform.
 * Usable from C and assembly. The lower half is the domain's: see space.c and isolated/.
 */
#ifndef X86_64_LAYOUT_H
#define X86_64_LAYOUT_H

#define IMAGE_PHYS       0x100000           /* where the loader puts the executive */
#define IMAGE_BASE       0xffffffff80000000 /* physical address p of the image is seen at base + p */
#define DIRECT           0xffff800000000000 /* physical memory, writable, never executable */
#define CORE_AREA        0xffffff0000000000 /* the core's own: stack with guard page, LAPIC */
#define CORE_STACK_PAGES 4
#define CORE_STACK_TOP   (CORE_AREA + 0x10000)
#define CORE_LAPIC       (CORE_AREA + 0x20000)
#define CORE_IOAPIC      (CORE_AREA + 0x21000)
#define CORE_WINDOW      (CORE_AREA + 0x22000) /* one page of device memory at a time: mmio() */

#define CORE_SCREEN (CORE_AREA + 0x40000000) /* the framebuffer, where there is one */

/* The page below 1 MiB where cores start; offsets of the words in it that smp.c sets. */
#define TRAMPOLINE       0x8000
#define TRAMPOLINE_HERE  4 /* 32 bits: how far the core came */
#define TRAMPOLINE_SPACE 8 /* 64 bits: its address space; 0: only say you are there */
#define TRAMPOLINE_LEAVES                                                                          \
	16 /* two of CPUID's, of which it says what each has, in the roll call                     \
	    */
#define TRAMPOLINE_SAID    0x200 /* 16 bytes each: SUBLEAVES of the first, then of the second */
#define SUBLEAVES          8
#define TRAMPOLINE_PRESENT 1
#define TRAMPOLINE_STARTED 2

/* Selectors, in the order SYSCALL and SYSRET want (Intel SDM vol. 3, 5.8.8). */
#define SEL_KCODE 0x08
#define SEL_KDATA 0x10
#define SEL_UDATA 0x1b
#define SEL_UCODE 0x23
#define SEL_TSS   0x28

#endif

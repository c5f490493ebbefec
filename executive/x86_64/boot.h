/*
 * The boot phase, as its files see each other. It runs once, on the boot core, in the boot page
 * tables, and ends in smp_start; nothing of it is called afterwards.
 */
#ifndef X86_64_BOOT_H
#define X86_64_BOOT_H

#include <stdbool.h>
#include <stdint.h>
#include "executive/machine.h"
#include "executive/x86_64/start_info.h"

#define BOOT UINT32_MAX /* as the owner of a page: nobody's, the boot phase's */

_Noreturn void boot_main(uint64_t start_info);

/* pvh.c: memory map and bundle; returns the address of ACPI's root pointer or 0. */
uint64_t pvh_read(uint64_t start_info);

/* screen.c: one that a loader found, in memory that is mapped by now. */
void screen_offer(const struct start_screen *s); /* refuses what would not do */
void screen_start(void);

/* acpi.c */
void acpi_read(uint64_t rsdp);

/* memory.c */
#define RAM_RANGES 32u
extern struct range ram[RAM_RANGES]; /* all memory from 1 MiB up */
extern uint32_t ram_n;
#define UNUSED_RANGES 64u
extern struct range unused[UNUSED_RANGES]; /* of these: what nobody has yet */
extern uint32_t unused_n;
void memory_split(uint64_t edge);                  /* no range of `unused` goes across it */
void memory_add(uint64_t base, uint64_t size);     /* RAM; rounds inwards */
void memory_reserve(uint64_t base, uint64_t size); /* not RAM after all; rounds outwards */
void memory_keep(uint64_t base, uint64_t size);    /* RAM, but in use; rounds outwards */
bool memory_is_ram(uint64_t base, uint64_t size);
uint64_t memory_take(uint64_t bytes); /* zeroed pages below 4 GiB; panics when there are none */
uint64_t memory_page(uint32_t owner); /* one zeroed page of a core's share, or of BOOT */

/* share.c */
void memory_divide(void); /* shares, FIFOs */
void memory_pools(void);  /* frames, after all else was taken from the shares */

/* tables.c */
void tables_high_memory(void); /* RAM above 4 GiB into the boot tables */
void tables_screen(void);      /* the framebuffer into the boot tables */
void tables_cores(void);       /* the address space of every core */
void tables_copy(void);        /* every core's copy of the data; the last act before smp_start */
uint64_t tables_root(uint32_t core); /* its PML4 */

/* smp.c */
void smp_roll_call(void); /* machine.cores, hardware_id: those that answer */
_Noreturn void smp_start(void);

/* time.c: the calibration runs while the boot phase does other work. */
void time_start(void);
void time_finish(void);

/* print.c: who fails again while it says why, says no more. */
void panic_begin(void);

/* The rest: one call each. */
void uart_init(void);
void fwcfg_read(void);
void pci_find(void);
void iommu_find(void);     /* before memory is divided; interrupts may then be remapped */
void iommu_start(void);    /* all devices are blocked from here on, until they have an owner */
void interrupt_init(void); /* mutes the old interrupt controllers */
void ioapic_mute(void);    /* and the newer ones */

#endif

/*
 * Interrupts below the arch line: local APIC, I/O APIC, MSI-X, and the vectors they use.
 */
#ifndef X86_64_APIC_H
#define X86_64_APIC_H

#include <stdbool.h>
#include <stdint.h>
#include "executive/machine.h"

#define VECTOR_IRQ      0x40u /* irq n of arch.h has vector VECTOR_IRQ + n */
#define IRQS            0x80u
#define VECTOR_RING     0xf0u
#define VECTOR_TIMER    0xf1u
#define VECTOR_BLAME    0xf2u /* an IOMMU has blocked something */
#define VECTOR_SPURIOUS 0xffu

/* apic.c */
void apic_init(uint64_t mmio); /* of this core; virtual address of its registers */
uint64_t apic_physical(void);
uint32_t apic_id(void);
bool apic_x2(void); /* ids of cores have 32 bits */
void apic_eoi(void);
bool apic_serves(uint32_t vector); /* it delivered the vector and waits for its end */
void apic_send(uint32_t id, uint32_t vector);
void apic_send_init(uint32_t id);
void apic_send_nmi(uint32_t id);
void apic_send_startup(uint32_t id, uint32_t page);
void apic_timer_free_run(void);    /* for calibration: count down from the top, silently */
uint32_t apic_timer_elapsed(void); /* ticks since then */
void apic_timer_rate(uint64_t ticks_per_ns); /* 32.32 fixed point */
void apic_timer_by(uint64_t when); /* interrupt at `when` (ns) or, if one is due, before */
void apic_timer_fired(void);

/* ioapic.c: false when there is none. `to`: upper half of the entry, and bit 32 for its bit 11. */
bool ioapic_route(uint32_t gsi, uint16_t flags, uint32_t vector, uint64_t to);
uint64_t ioapic_remapped(uint32_t index);
void ioapic_mask(uint32_t gsi);

/* msix.c */
void msix_route(const struct device *d, uint32_t vector, uint32_t message, uint32_t data);
void msix_mask(const struct device *d, uint32_t vector);

/* time.c */
uint64_t time_to_tsc(uint64_t ns);

/* lock.c: guards hardware that all cores reach by a pair of index and data registers. */
void hardware_lock(void);
void hardware_unlock(void);

/* tables.c: device memory, until the next call; in the boot phase through the boot tables. */
volatile void *mmio(uint64_t phys);

#endif

/*
 * The IOMMUs: what keeps a device from all memory but what is its own (Intel VT-d).
 *
 * iommu.c brings them up, unit.c talks to one, reach.c builds and changes the tables, remap.c does
 * so for interrupts, blame.c hears of what was blocked.
 *
 * What a device can reach, its reach, is a table of 512 entries of 1 GiB each. Addresses on the bus
 * are not those of memory: each pool has an entry, and each core has one where the DMA memory of
 * its domains appears. So a core changes only words that no other core writes, without a lock: the
 * entries of its pool and of its domains' memory, and the context of a device whose owner it has.
 * The tables of the pools are built at boot and the same for all devices; nobody writes them later.
 * Registers and queue of a unit are hardware like any other, used under the hardware lock.
 */
#ifndef X86_64_IOMMU_H
#define X86_64_IOMMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "executive/machine.h"
#include "executive/x86_64/dmar.h"

struct unit {
	uint64_t base; /* of its registers; 0: it cannot be used */
	uint64_t cap, ecap;
	uint64_t queue; /* physical: a page of descriptors, and one for the answer */
};

/* Fixed after boot. */
extern struct iommu {
	bool remaps;      /* interrupts are remapped, by all units */
	bool incoherent;  /* a unit reads tables past the caches */
	bool large;       /* all units know pages of 2 MiB */
	uint32_t units_n; /* as in struct dmar */
	struct unit units[DMAR_UNITS];
	uint32_t unit_of[MX_DEVICES]; /* DMAR_NONE: the device reaches all memory */
} iommu;

/* The unit that translates what d sends, or NULL. */
static inline const struct unit *iommu_unit(const struct device *d)
{
	uint32_t unit = iommu.unit_of[d - machine.devices];

	return unit < iommu.units_n ? &iommu.units[unit] : NULL;
}
void iommu_wrote(const void *at, uint32_t bytes); /* of a table: a unit is to see it */

/* unit.c: false when the unit does not answer in time. */
const char *unit_open(struct unit *u, uint64_t base); /* NULL, or why it cannot be used */
bool unit_start(const struct unit *u, uint64_t root, uint64_t interrupts);
bool unit_flush(
        const struct unit *u); /* it has forgotten all tables it knew, and DMA has drained */
bool unit_flush_interrupts(const struct unit *u);
uint32_t unit_get(const struct unit *u, uint32_t at);
uint64_t unit_get64(const struct unit *u, uint32_t at);
void unit_set(const struct unit *u, uint32_t at, uint32_t value);
void unit_set64(const struct unit *u, uint32_t at, uint64_t value);

/* reach.c, in the boot phase; what it does later stands in arch.h. */
void reach_prepare(void); /* before memory is divided */
void reach_pools(void);   /* after the pools are known */
uint64_t reach_root(void);

/* remap.c: entries are a core's own, by its numbers of interrupts. */
bool remap_prepare(void);   /* false: not possible here */
uint64_t remap_table(void); /* for unit_start; 0: no remapping */
uint32_t remap_index(uint32_t irq);
void remap_set(uint32_t irq, uint32_t id, uint16_t source, bool level);
void remap_clear(uint32_t irq);
uint16_t remap_ioapic(void); /* as what the I/O APIC sends */

/* blame.c */
void blame_start(uint32_t unit);   /* its faults interrupt a core */
void blame_fault(void);            /* such an interrupt came */
void blame_inherit(uint32_t core); /* its interrupts come to this core from now on */
void blame_drop(uint16_t source);  /* what it did, a stopped device, is put down to nobody */

#endif

/*
 * Interrupt remapping (VT-d 5.1, 9.10): what a device writes to the range of interrupts is an index
 * into this table, and an entry counts only for the device it was made for.
 *
 * Without it a device raises any vector on any core by writing there, and a NIC writes where its
 * driver says. With it a NIC can raise the vectors of its own drivers and nothing else.
 * Rules: each core has as many entries as it has numbers of interrupts, and writes only those.
 */
#include "executive/arch.h"
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/iommu.h"
#include "executive/x86_64/vtd.h"

/* 9.10: the lower word of an entry; the upper one has the source. */
#define ENTRY_PRESENT 1ull
#define ENTRY_LEVEL   (1ull << 4)
#define ENTRY_VERIFY  (1ull << 18) /* upper word: all bits of the source must be right */

struct entry {
	uint64_t low, high;
};

static uint64_t table;
static uint32_t size_log; /* of the number of entries */
static uint16_t ioapic_source;

bool remap_prepare(void)
{
	/* An I/O APIC that no unit knows could not interrupt any more; with x2APIC, long ids. */
	if (acpi.ioapic && !dmar_ioapic(acpi.ioapic_id, &ioapic_source))
		return false;
	for (uint32_t i = 0; i < iommu.units_n; i++)
		if (apic_x2() && !(iommu.units[i].ecap & ECAP_X2APIC))
			return false;
	while (1u << size_log < machine.cores * IRQS)
		size_log++;
	table = memory_take(sizeof(struct entry) << size_log);
	return true;
}

uint64_t remap_table(void)
{
	return iommu.remaps ? table | (apic_x2() ? INTERRUPTS_X2 : 0) | (size_log - 1) : 0;
}

uint16_t remap_ioapic(void)
{
	return ioapic_source;
}

uint32_t remap_index(uint32_t irq)
{
	return self * IRQS + irq;
}

/* The unit of the source would do, but an interrupt is bound seldom. */
static void publish(const struct entry *e)
{
	iommu_wrote(e, sizeof *e);
	for (uint32_t i = 0; i < iommu.units_n; i++)
		if (iommu.units[i].base && !unit_flush_interrupts(&iommu.units[i]))
			print("the IOMMU at %#lx does not answer\n", iommu.units[i].base);
}

void remap_set(uint32_t irq, uint32_t id, uint16_t source, bool level)
{
	struct entry *e = (struct entry *)direct(table) + remap_index(irq);
	uint64_t to = apic_x2() ? id : (uint64_t)id << 8;

	__atomic_store_n(&e->high, ENTRY_VERIFY | source, __ATOMIC_RELEASE);
	__atomic_store_n(&e->low,
	                 to << 32 | (uint64_t)(VECTOR_IRQ + irq) << 16 | (level ? ENTRY_LEVEL : 0) |
	                         ENTRY_PRESENT,
	                 __ATOMIC_RELEASE);
	publish(e);
}

void remap_clear(uint32_t irq)
{
	struct entry *e = (struct entry *)direct(table) + remap_index(irq);

	__atomic_store_n(&e->low, 0, __ATOMIC_RELEASE);
	publish(e);
}

/*
 * Interrupts of devices on this core: numbers 1 to IRQS - 1, each a vector of its own.
 *
 * A number is free or bound to an MSI-X vector of a device or to the serial port.
 */
#include <stddef.h>
#include "executive/arch.h"
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/iommu.h"

#define MESSAGE    0xfee00000u
#define REMAPPABLE 0x10u

static struct irq {
	bool used;
	const struct device *device; /* NULL: the serial port */
	uint32_t vector;
} irqs[IRQS];

/* NULL: of the serial port's I/O APIC. */
static bool remapped(const struct device *d)
{
	return iommu.remaps && (!d || iommu_unit(d));
}

static uint32_t take(const struct device *d, uint32_t vector)
{
	for (uint32_t i = 1; i < IRQS; i++)
		if (!irqs[i].used) {
			irqs[i] = (struct irq){true, d, vector};
			return i;
		}
	return 0;
}

/* The message that raises `irq` here: SDM vol. 3, 10.11, or an entry's index, VT-d 5.1.2.2. */
static void route(const struct device *d, uint32_t vector, uint32_t irq)
{
	uint32_t id = machine.hardware_id[self], index = remap_index(irq);

	if (!remapped(d)) {
		msix_route(d, vector, MESSAGE | (id & 0xff) << 12, VECTOR_IRQ + irq);
		return;
	}
	remap_set(irq, id, d->info.address, false);
	msix_route(d, vector, MESSAGE | REMAPPABLE | (index & 0x7fff) << 5 | (index >> 15 & 1) << 2,
	           0);
}

uint32_t arch_irq_msix(const struct device *d, uint32_t vector)
{
	uint32_t irq;

	/* A message that is not remapped has 8 bits for the core. */
	if (!d->msix_table || vector >= d->info.vectors ||
	    (!remapped(d) && machine.hardware_id[self] > 0xff))
		return 0;
	irq = take(d, vector);
	if (irq)
		route(d, vector, irq);
	return irq;
}

uint32_t arch_irq_uart(void)
{
	uint32_t irq = take(NULL, 0), id = machine.hardware_id[self];
	uint64_t to = id << 24;

	if (irq && remapped(NULL)) {
		remap_set(irq, id, remap_ioapic(), (acpi.uart_flags >> 2 & 3) == 3);
		to = ioapic_remapped(remap_index(irq));
	}
	if (!irq || (!remapped(NULL) && id > 0xff) ||
	    !ioapic_route(acpi.uart_gsi, acpi.uart_flags, VECTOR_IRQ + irq, to)) {
		irqs[irq].used = false;
		return 0;
	}
	return irq;
}

uint32_t arch_irq_left(void)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i < IRQS; i++)
		n += !irqs[i].used;
	return n;
}

void arch_irq_release(uint32_t irq)
{
	if (irq == 0 || irq >= IRQS || !irqs[irq].used)
		return;
	if (irqs[irq].device)
		msix_mask(irqs[irq].device, irqs[irq].vector);
	else
		ioapic_mask(acpi.uart_gsi);
	if (remapped(irqs[irq].device))
		remap_clear(irq);
	irqs[irq].used = false;
}

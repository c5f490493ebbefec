/*
 * Interrupts of devices on this core: numbers 1 to IRQS - 1, each a vector of its own.
 *
 * A number is free or bound to an MSI-X vector of a device or to the serial port.
 */
#include <stddef.h>
#include "executive/arch.h"
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/apic.h"

static struct irq {
	bool used;
	const struct device *device; /* NULL: the serial port */
	uint32_t vector;
} irqs[IRQS];

static uint32_t take(const struct device *d, uint32_t vector)
{
	for (uint32_t i = 1; i < IRQS; i++)
		if (!irqs[i].used) {
			irqs[i] = (struct irq){true, d, vector};
			return i;
		}
	return 0;
}

uint32_t arch_irq_msix(const struct device *d, uint32_t vector)
{
	uint32_t irq, id = machine.hardware_id[self];

	/* The message's address has 8 bits for the core. */
	if (!d->msix_table || vector >= d->info.vectors || id > 0xff)
		return 0;
	irq = take(d, vector);
	if (irq)
		msix_route(d, vector, VECTOR_IRQ + irq, id);
	return irq;
}

uint32_t arch_irq_uart(void)
{
	uint32_t irq = take(NULL, 0);

	if (irq && !ioapic_route(acpi.uart_gsi, acpi.uart_flags, VECTOR_IRQ + irq,
	                         machine.hardware_id[self])) {
		irqs[irq].used = false;
		return 0;
	}
	return irq;
}

void arch_irq_release(uint32_t irq)
{
	if (irq == 0 || irq >= IRQS || !irqs[irq].used)
		return;
	if (irqs[irq].device)
		msix_mask(irqs[irq].device, irqs[irq].vector);
	else
		ioapic_mask(acpi.uart_gsi);
	irqs[irq].used = false;
}

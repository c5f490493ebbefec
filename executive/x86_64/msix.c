/*
 * The MSI-X table of a device (PCI 3.0, 6.8.2): 16 bytes an entry: address, data, vector control.
 *
 * Only the executive reaches it: an entry is a write to any address.
 */
#include "executive/arch.h"
#include "executive/x86_64/apic.h"

#define MASKED 1u

static volatile uint32_t *entry(const struct device *d, uint32_t vector)
{
	return mmio(d->msix_table + vector * 16ull);
}

void msix_mask(const struct device *d, uint32_t vector)
{
	volatile uint32_t *e = entry(d, vector);

	e[3] = MASKED;
	(void)e[3]; /* posted writes have arrived once a read returns */
}

void msix_route(const struct device *d, uint32_t vector, uint32_t message, uint32_t data)
{
	volatile uint32_t *e = entry(d, vector);

	e[3] = MASKED;
	e[0] = message;
	e[1] = 0;
	e[2] = data;
	e[3] = 0;
	(void)e[3];
}

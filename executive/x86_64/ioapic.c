/*
 * The I/O APIC: routes the serial port's interrupt (82093AA data sheet; ACPI 6.4, 5.2.12.5).
 *
 * Two registers select and move a word, so both go under the hardware lock.
 */
#include "executive/arch.h"
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/layout.h"

#define MASKED     0x10000u
#define ACTIVE_LOW 0x2000u
#define LEVEL      0x8000u

static void set(uint32_t index, uint32_t v)
{
	volatile uint32_t *io = (volatile uint32_t *)CORE_IOAPIC;

	io[0] = index;
	io[4] = v;
}

static bool covers(uint32_t gsi)
{
	volatile uint32_t *io = (volatile uint32_t *)CORE_IOAPIC;

	if (!acpi.ioapic || gsi < acpi.ioapic_gsi)
		return false;
	io[0] = 1; /* version; bits 16..23: the highest entry */
	return gsi - acpi.ioapic_gsi <= (io[4] >> 16 & 0xff);
}

/* VT-d 5.1.5.1: bits 49 to 63 and bit 11 are the index, bit 48 says so. */
uint64_t ioapic_remapped(uint32_t index)
{
	return (uint64_t)(index >> 15 & 1) << 32 | (index & 0x7fff) << 17 | 1u << 16;
}

bool ioapic_route(uint32_t gsi, uint16_t flags, uint32_t vector, uint64_t to)
{
	uint32_t entry = 0x10 + 2 * (gsi - acpi.ioapic_gsi);
	uint32_t low = vector | (uint32_t)(to >> 32 & 1) << 11;
	bool ok;

	if ((flags & 3) == 3)
		low |= ACTIVE_LOW;
	if ((flags >> 2 & 3) == 3)
		low |= LEVEL;
	hardware_lock();
	ok = covers(gsi);
	if (ok) {
		set(entry, MASKED);
		set(entry + 1, (uint32_t)to);
		set(entry, low);
	}
	hardware_unlock();
	return ok;
}

void ioapic_mask(uint32_t gsi)
{
	hardware_lock();
	if (covers(gsi))
		set(0x10 + 2 * (gsi - acpi.ioapic_gsi), MASKED);
	hardware_unlock();
}

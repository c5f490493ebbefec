/*
 * I/O APICs: all are silent from the start, the first routes the serial port's interrupt (82093AA
 * data sheet; ACPI 6.4, 5.2.12.5).
 *
 * Two registers select and move a word, so both go under the hardware lock once others run.
 */
#include "executive/arch.h"
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/layout.h"

#define MASKED     0x10000u
#define ACTIVE_LOW 0x2000u
#define LEVEL      0x8000u
#define DELIVERY   0x700u
#define SMI        0x200u
#define ENTRY      0x10u /* index of the first */

static uint32_t get(volatile uint32_t *io, uint32_t index)
{
	io[0] = index;
	return io[4];
}

static void set(volatile uint32_t *io, uint32_t index, uint32_t v)
{
	io[0] = index;
	io[4] = v;
}

/* Bits 16 to 23 of the version: the highest entry. */
static uint32_t last_entry(volatile uint32_t *io)
{
	return get(io, 1) >> 16 & 0xff;
}

/* Entries that a firmware left open, or never closed. SMIs stay its own business. */
void ioapic_mute(void)
{
	for (uint32_t i = 0; i < acpi.ioapics_n; i++) {
		volatile uint32_t *io = mmio(acpi.ioapics[i]);

		for (uint32_t n = 0, last = last_entry(io); n <= last; n++)
			if ((get(io, ENTRY + 2 * n) & DELIVERY) != SMI)
				set(io, ENTRY + 2 * n, MASKED);
	}
}

static volatile uint32_t *own(void)
{
	return (volatile uint32_t *)(CORE_IOAPIC + acpi.ioapic % MX_PAGE);
}

static bool covers(uint32_t gsi)
{
	return acpi.ioapic && gsi >= acpi.ioapic_gsi && gsi - acpi.ioapic_gsi <= last_entry(own());
}

/* VT-d 5.1.5.1: bits 49 to 63 and bit 11 are the index, bit 48 says so. */
uint64_t ioapic_remapped(uint32_t index)
{
	return (uint64_t)(index >> 15 & 1) << 32 | (index & 0x7fff) << 17 | 1u << 16;
}

bool ioapic_route(uint32_t gsi, uint16_t flags, uint32_t vector, uint64_t to)
{
	uint32_t entry = ENTRY + 2 * (gsi - acpi.ioapic_gsi);
	uint32_t low = vector | (uint32_t)(to >> 32 & 1) << 11;
	bool ok;

	if ((flags & 3) == 3)
		low |= ACTIVE_LOW;
	if ((flags >> 2 & 3) == 3)
		low |= LEVEL;
	hardware_lock();
	ok = covers(gsi);
	if (ok) {
		set(own(), entry, MASKED);
		set(own(), entry + 1, (uint32_t)to);
		set(own(), entry, low);
	}
	hardware_unlock();
	return ok;
}

void ioapic_mask(uint32_t gsi)
{
	hardware_lock();
	if (covers(gsi))
		set(own(), ENTRY + 2 * (gsi - acpi.ioapic_gsi), MASKED);
	hardware_unlock();
}

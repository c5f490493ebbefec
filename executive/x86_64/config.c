/*
 * Access to PCI configuration space (config.h); PCI 3.0, 3.2.2.3 and 6.7; PCIe 5.0, 7.2.2.
 */
#include <stddef.h>
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/config.h"
#include "executive/x86_64/cpu.h"

#define PORT_ADDRESS 0xcf8
#define PORT_DATA    0xcfc
#define STATUS_CAPS  0x10u

uint64_t config_physical(uint16_t address)
{
	if (!acpi.ecam || address >> 8 > acpi.ecam_buses)
		return 0;
	return acpi.ecam + ((uint64_t)address << 12);
}

static void point(uint16_t address, uint32_t at)
{
	out32(PORT_ADDRESS, 0x80000000u | (uint32_t)address << 8 | (at & 0xfc));
}

static void select(uint16_t address, uint32_t at)
{
	hardware_lock();
	point(address, at);
}

uint32_t config_read(uint16_t address, uint32_t at)
{
	uint64_t page = config_physical(address);
	uint32_t v;

	if (page)
		return *(volatile uint32_t *)mmio(page + (at & 0xfc));
	select(address, at);
	v = in32(PORT_DATA);
	hardware_unlock();
	return v;
}

void config_write(uint16_t address, uint32_t at, uint32_t v)
{
	uint64_t page = config_physical(address);

	if (page) {
		*(volatile uint32_t *)mmio(page + (at & 0xfc)) = v;
		return;
	}
	select(address, at);
	out32(PORT_DATA, v);
	hardware_unlock();
}

uint16_t config_read16(uint16_t address, uint32_t at)
{
	return (uint16_t)(config_read(address, at) >> (at & 2) * 8);
}

/* Not by reading and writing 32 bits: the other half of COMMAND is STATUS, cleared by writing. */
void config_write16(uint16_t address, uint32_t at, uint16_t v)
{
	uint64_t page = config_physical(address);

	if (page) {
		*(volatile uint16_t *)mmio(page + (at & 0xfe)) = v;
		return;
	}
	select(address, at);
	out16(PORT_DATA + (at & 2), v);
	hardware_unlock();
}

bool config_command_held(uint16_t address, uint16_t only_if, uint16_t v)
{
	uint64_t page = config_physical(address);
	volatile uint16_t *command = page ? mmio(page + CONFIG_COMMAND) : NULL;
	bool may;

	if (!page)
		point(address, CONFIG_COMMAND);
	may = ((page ? *command : in16(PORT_DATA)) & only_if) == only_if;
	if (may && page)
		*command = v;
	else if (may)
		out16(PORT_DATA, v);
	return may;
}

bool config_command(uint16_t address, uint16_t only_if, uint16_t v)
{
	bool may;

	hardware_lock();
	may = config_command_held(address, only_if, v);
	hardware_unlock();
	return may;
}

/* The list is the device's word: at most 48 capabilities fit, so a loop ends. */
uint32_t config_capability(uint16_t address, uint8_t id)
{
	uint32_t at;

	if (!(config_read16(address, CONFIG_STATUS) & STATUS_CAPS))
		return 0;
	at = config_read(address, CONFIG_CAPABILITIES) & 0xfc;
	for (uint32_t i = 0; i < 48 && at >= 0x40; i++) {
		uint32_t head = config_read(address, at);

		if ((head & 0xff) == id)
			return at;
		at = head >> 8 & 0xfc;
	}
	return 0;
}

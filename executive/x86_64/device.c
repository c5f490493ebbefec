/*
 * A device as a whole: may it reach memory, may it interrupt. One core starts it; any whose domain
 * has a part of it may stop it, and stopping twice does nothing more.
 */
#include "executive/arch.h"
#include "executive/x86_64/config.h"

#define MSIX_ENABLE   0x8000u
#define MSIX_MASK_ALL 0x4000u

static void interrupts(uint16_t address, bool on)
{
	uint32_t at = config_capability(address, CAP_MSIX);

	if (at)
		config_write16(address, at + 2, MSIX_ENABLE | (on ? 0 : MSIX_MASK_ALL));
}

void arch_device_start(const struct device *d)
{
	uint16_t address = d->info.address;

	interrupts(address, true);
	config_write16(address, CONFIG_COMMAND, COMMAND_MEMORY | COMMAND_NOINTX | COMMAND_MASTER);
}

/* Read back: only then has every write of the device's arrived (PCI 3.0, 3.2.5). */
void arch_device_stop(const struct device *d)
{
	uint16_t address = d->info.address;

	config_write16(address, CONFIG_COMMAND, COMMAND_MEMORY | COMMAND_NOINTX);
	if (config_read16(address, CONFIG_COMMAND) & COMMAND_MASTER)
		print("device %02x:%02x.%u keeps bus mastering on\n", address >> 8,
		      address >> 3 & 31, address & 7u);
	interrupts(address, false);
}

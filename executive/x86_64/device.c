/*
 * A device as a whole: may it reach memory and interrupt. One core opens and starts it; any whose
 * domain has a part of it may stop it, and stopping twice does nothing more.
 *
 * Executives share no memory, so the state is the device's own: COMMAND_SERR, set by opening and
 * cleared by stopping; without it the device is not started. (PCI Express demands that the bit can
 * be written; what it says is true: there is an owner who wants to hear of errors.) Its registers
 * answer all the time. Switching COMMAND_MEMORY would be the plainer mark, but changes the memory
 * map of a running machine, and QEMU before 8.2 then lets another core's write to a register end up
 * in a different device, if it comes at that moment.
 */
#include "executive/arch.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/config.h"
#include "executive/x86_64/iommu.h"

#define MSIX_ENABLE   0x8000u
#define MSIX_MASK_ALL 0x4000u

static void interrupts(uint16_t address, bool on)
{
	uint32_t at = config_capability(address, CAP_MSIX);

	if (at)
		config_write16(address, at + 2, MSIX_ENABLE | (on ? 0 : MSIX_MASK_ALL));
}

/*
 * What its last owner had routed is masked: that one's entries could not all be reached at its end.
 * What it was blocked for is forgotten: it sends nothing now, so every record is of before.
 */
void arch_device_open(const struct device *d)
{
	blame_drop(d->info.address);
	interrupts(d->info.address, false);
	config_command(d->info.address, 0, COMMAND_ANSWERS | COMMAND_SERR);
	for (uint32_t i = 0; d->msix_table && i < d->info.vectors; i++)
		msix_mask(d, i);
}

bool arch_device_is_open(const struct device *d)
{
	return config_read16(d->info.address, CONFIG_COMMAND) & COMMAND_SERR;
}

bool arch_device_start(const struct device *d)
{
	if (!config_command(d->info.address, COMMAND_SERR,
	                    COMMAND_ANSWERS | COMMAND_SERR | COMMAND_MASTER))
		return false;
	interrupts(d->info.address, true); /* without bus mastering there are none */
	return true;
}

/* Read back: only then has every write of the device's arrived (PCI 3.0, 3.2.5). */
void arch_device_stop(const struct device *d)
{
	uint16_t address = d->info.address;

	config_command(address, 0, COMMAND_ANSWERS);
	if (config_read16(address, CONFIG_COMMAND) & COMMAND_MASTER)
		print("device %02x:%02x.%u keeps bus mastering on\n", address >> 8,
		      address >> 3 & 31, address & 7u);
	interrupts(address, false);
}

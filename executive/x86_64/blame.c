/*
 * What an IOMMU blocked: who sent it is stopped, and its drivers end (VT-d 7.2, 11.4.7).
 *
 * A unit keeps records of faults and interrupts when there is one. Each unit interrupts one core;
 * the drivers may live on others, which core_device tells.
 * Rules: a source can send nothing more when its record is taken, so it faults once, and the
 * work is bounded by the records of a unit. A source that cannot be stopped would keep a core
 * busy for ever: after STRAYS of those the unit goes on blocking, but says so no more.
 */
#include "executive/arch.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/config.h"
#include "executive/x86_64/iommu.h"
#include "executive/x86_64/vtd.h"

#define MESSAGE 0xfee00000u
#define STRAYS  16u

static uint32_t strays;

void blame_start(uint32_t unit)
{
	const struct unit *u = &iommu.units[unit];
	uint32_t id = machine.hardware_id[unit % machine.cores];

	unit_set(u, VTD_FAULT_DATA, VECTOR_BLAME);
	unit_set(u, VTD_FAULT_UPPER, id & ~0xffu);
	unit_set(u, VTD_FAULT_ADDRESS, MESSAGE | (id & 0xff) << 12);
	unit_set(u, VTD_FAULT_CONTROL, 0);
}

/* A function that is nobody's: the firmware left it running. */
static void stop_stray(const struct unit *u, uint16_t source, uint64_t address)
{
	print("IOMMU: %02x:%02x.%u, no network device, may not reach %#lx\n", source >> 8,
	      source >> 3 & 31, source & 7u, address);
	if (config_read16(source, CONFIG_VENDOR) != 0xffff)
		config_write16(source, CONFIG_COMMAND,
		               config_read16(source, CONFIG_COMMAND) & (uint16_t)~COMMAND_MASTER);
	if (++strays == STRAYS)
		unit_set(u, VTD_FAULT_CONTROL, FAULT_MASK);
}

static void blame(const struct unit *u, uint64_t record, uint64_t address)
{
	uint16_t source = FAULT_SOURCE(record);

	for (uint32_t i = 0; i < machine.devices_n; i++) {
		if (machine.devices[i].info.address != source)
			continue;
		arch_device_stop(&machine.devices[i]);
		core_device(i, FAULT_REASON(record), address & -(uint64_t)MX_PAGE,
		            record & FAULT_READ);
		return;
	}
	stop_stray(u, source, address);
}

/* Stopped first, then the record is taken: nothing of the same source can follow. */
static void take_records(const struct unit *u)
{
	for (uint32_t i = 0; i < CAP_FAULTS_N(u->cap); i++) {
		uint32_t at = CAP_FAULTS(u->cap) + i * 16;
		uint64_t record = unit_get64(u, at + 8);

		if (!(record & FAULT_SET))
			continue;
		blame(u, record, unit_get64(u, at));
		unit_set(u, at + 12, (uint32_t)(FAULT_SET >> 32));
	}
	unit_set(u, VTD_FAULTS, FAULTS_OVERFLOW);
}

void blame_fault(void)
{
	for (uint32_t i = 0; i < iommu.units_n; i++)
		if (iommu.units[i].base)
			take_records(&iommu.units[i]);
	core_devices_done();
}

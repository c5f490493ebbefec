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

static void interrupt_core(const struct unit *u, uint32_t id)
{
	unit_set(u, VTD_FAULT_UPPER, id & ~0xffu);
	unit_set(u, VTD_FAULT_ADDRESS, MESSAGE | (id & 0xff) << 12);
}

void blame_start(uint32_t unit)
{
	const struct unit *u = &iommu.units[unit];

	unit_set(u, VTD_FAULT_DATA, VECTOR_BLAME);
	interrupt_core(u, machine.hardware_id[unit % machine.cores]);
	unit_set(u, VTD_FAULT_CONTROL, 0);
}

/* What that core was interrupted for and had not yet taken, no further interrupt would tell. */
void blame_inherit(uint32_t core)
{
	uint32_t id = machine.hardware_id[core];

	for (uint32_t i = 0; i < iommu.units_n; i++) {
		const struct unit *u = &iommu.units[i];

		if (!u->base || unit_get(u, VTD_FAULT_UPPER) != (id & ~0xffu) ||
		    unit_get(u, VTD_FAULT_ADDRESS) != (MESSAGE | (id & 0xff) << 12))
			continue;
		interrupt_core(u, machine.hardware_id[self]);
		apic_send(machine.hardware_id[self], VECTOR_BLAME);
	}
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

/* The device of a source, or devices_n. */
static uint32_t device_of(uint16_t source)
{
	uint32_t i = 0;

	while (i < machine.devices_n && machine.devices[i].info.address != source)
		i++;
	return i;
}

static uint32_t record_at(const struct unit *u, uint32_t i)
{
	return CAP_FAULTS(u->cap) + i * 16;
}

static void clear(const struct unit *u, uint32_t at)
{
	unit_set(u, at + 12, (uint32_t)(FAULT_SET >> 32));
}

/*
 * False: the record has been dropped, the device may have another owner. Who drops it does so
 * before the device is opened, and neither happens between our look and the stop.
 */
static bool stop(const struct unit *u, uint32_t at, uint16_t source)
{
	bool valid;

	hardware_lock();
	valid = unit_get64(u, at + 8) & FAULT_SET;
	if (valid)
		config_command_held(source, 0, COMMAND_ANSWERS);
	hardware_unlock();
	(void)config_read16(source, CONFIG_COMMAND); /* what it sent before has arrived */
	return valid;
}

/* False: the record has been taken already. */
static bool blame(const struct unit *u, uint32_t at, uint64_t record)
{
	uint16_t source = FAULT_SOURCE(record);
	uint64_t address = unit_get64(u, at);
	uint32_t device = device_of(source);

	if (device == machine.devices_n) {
		stop_stray(u, source, address);
		return true;
	}
	if (!stop(u, at, source))
		return false;
	core_device(device, FAULT_REASON(record), address & -(uint64_t)MX_PAGE,
	            record & FAULT_READ);
	return true;
}

/* Stopped first, then the record is taken: nothing of the same source can follow. */
static void take_records(const struct unit *u)
{
	for (uint32_t i = 0; i < CAP_FAULTS_N(u->cap); i++) {
		uint32_t at = record_at(u, i);
		uint64_t record = unit_get64(u, at + 8);

		if (!(record & FAULT_SET))
			continue;
		if (blame(u, at, record))
			clear(u, at);
	}
	unit_set(u, VTD_FAULTS, FAULTS_OVERFLOW);
}

void blame_drop(uint16_t source)
{
	hardware_lock();
	for (uint32_t n = 0; n < iommu.units_n; n++) {
		const struct unit *u = &iommu.units[n];

		for (uint32_t i = 0; u->base && i < CAP_FAULTS_N(u->cap); i++) {
			uint64_t record = unit_get64(u, record_at(u, i) + 8);

			if (record & FAULT_SET && FAULT_SOURCE(record) == source)
				clear(u, record_at(u, i));
		}
	}
	hardware_unlock();
}

void blame_fault(void)
{
	for (uint32_t i = 0; i < iommu.units_n; i++)
		if (iommu.units[i].base)
			take_records(&iommu.units[i]);
	core_devices_done();
}

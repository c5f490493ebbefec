/*
 * The device of a domain: see device.h.
 *
 * An IOMMU's fault comes to one core, and the device's drivers may live on others: all are told,
 * and each ends its own. Nobody can know which of the drivers of a device made it reach too far,
 * and the device is stopped for all of them, so all end.
 */
#include "executive/core.h"
#include "executive/device.h"
#include "executive/lost.h"
#include "executive/remote.h"

/* What the other cores are to hear. */
static struct {
	uint32_t due; /* set of cores */
	uint32_t reason;
	uint64_t address;
	bool read;
} stopped[MX_DEVICES];

uint64_t device_furnish(struct domain *d)
{
	const struct area *dma = &d->making.areas[AREA_DMA];
	const struct area *reach = &d->making.areas[AREA_REACH];

	d->reach = reach->at;
	d->reach_n = reach->pages;
	return dma->pages ? arch_reach_fill(d->device, d->index, reach->at, dma->at, dma->pages)
	                  : 0;
}

void device_boot(struct domain *d)
{
	for (uint32_t i = 0; i <= machine.cores; i++)
		d->boot->pools[i].dma = arch_reach_pool(d->device, i);
	d->boot->flags = d->device && arch_reach_limited(d->device) ? MX_BOOT_IOMMU : 0;
}

bool device_open(struct domain *d)
{
	d->pools = 1u << self;
	if (!d->device || arch_reach_open(d->device, d->index, d->reach, d->reach_n, !d->shares))
		return true;
	print("moxie: core %u: domain %s: the IOMMU does not answer\n", self, d->name);
	return false;
}

void device_stop(const struct domain *d)
{
	if (!d->device)
		return;
	arch_device_stop(d->device);
	if (!arch_reach_close(d->device, d->home_core, d->home, d->pools, !d->shares))
		print("moxie: core %u: domain %s: the IOMMU does not answer\n", self, d->name);
	device_went(d);
}

void device_arrive(struct domain *d)
{
	d->pools |= 1u << self; /* those before too: it still has frames of theirs */
	if (d->device && !arch_reach_arrive(d->device))
		print("moxie: core %u: domain %s: the IOMMU does not answer\n", self, d->name);
	device_came(d);
}

static uint32_t *cores_of(const struct device *device)
{
	return &fifo_signs()->devices[device - machine.devices];
}

void device_came(const struct domain *d)
{
	if (d->device)
		__atomic_fetch_or(cores_of(d->device), 1u << self, __ATOMIC_SEQ_CST);
}

void device_went(const struct domain *d)
{
	bool other = false;

	for (uint32_t i = 1; i < DOMAINS; i++)
		other |= domains[i] && domains[i] != d && domains[i]->state != ENDING &&
		         domains[i]->device == d->device;
	if (d->device && !other)
		__atomic_fetch_and(cores_of(d->device), ~(1u << self), __ATOMIC_SEQ_CST);
}

void device_goes(const struct domain *d, uint32_t core)
{
	if (d->device)
		__atomic_fetch_or(cores_of(d->device), 1u << core, __ATOMIC_SEQ_CST);
	device_went(d);
}

/* Parts of it may live on other cores: the end of any part stops a device. */
COLD void device_lost(void)
{
	for (uint32_t i = 0; i < machine.devices_n; i++) {
		const struct device *device = &machine.devices[i];
		uint16_t address = device->info.address;

		if (!(__atomic_load_n(cores_of(device), __ATOMIC_SEQ_CST) & lost_cores))
			continue;
		arch_device_stop(device);
		if (!arch_reach_drop(device))
			print("moxie: core %u: device %02x:%02x.%u: the IOMMU does not answer\n",
			      self, address >> 8, address >> 3 & 31, address & 7u);
		__atomic_fetch_and(cores_of(device), ~lost_cores, __ATOMIC_SEQ_CST);
	}
}

/*
 * All domains of this core that have a part of it. One that is open was opened for others since it
 * was stopped: those who made it reach too far have ended already.
 */
static void end_drivers(uint32_t device, uint32_t reason, uint64_t address, bool read)
{
	if (arch_device_is_open(&machine.devices[device]))
		return;
	for (uint32_t i = 1; i < DOMAINS; i++) {
		struct domain *d = domains[i];

		if (!d || d->state == ENDING || d->state == MAKING ||
		    d->device != &machine.devices[device])
			continue;
		d->end.code = machine.devices[device].info.address | (read ? MX_DEVICE_READ : 0);
		domain_end(d, MX_CAUSE_DEVICE, reason, 0, address);
	}
}

void device_told(const struct remote *r)
{
	end_drivers(r->value, (uint32_t)r->status, r->ring, r->child);
}

static void tell(uint32_t device)
{
	struct remote r = {.kind = REMOTE_DEVICE};

	r.value = device;
	r.status = (int32_t)stopped[device].reason;
	r.ring = stopped[device].address;
	r.child = stopped[device].read;
	for (uint32_t core = 0; core < machine.cores; core++)
		if (stopped[device].due >> core & 1 && remote_try(core, &r))
			stopped[device].due &= ~(1u << core);
	remote_retry |= stopped[device].due != 0;
}

void device_retry(void)
{
	for (uint32_t i = 0; i < machine.devices_n; i++)
		if (stopped[i].due)
			tell(i);
}

void core_device(uint32_t device, uint32_t reason, uint64_t address, bool read)
{
	stopped[device].due = (1u << machine.cores) - 1;
	stopped[device].reason = reason;
	stopped[device].address = address;
	stopped[device].read = read;
	tell(device);
}

void core_devices_done(void)
{
	fifo_publish();
	if (current && current->state == ENDING)
		core_run();
}

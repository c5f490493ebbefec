/* The IOMMUs come up in the boot phase, before any device may reach memory: see iommu.h. */
#include <stddef.h>
#include "executive/arch.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/cpu.h"
#include "executive/x86_64/iommu.h"
#include "executive/x86_64/vtd.h"

#define LINE                                                                                       \
	64u /* bytes of a cache line; every processor with 64 bits has lines so long or longer */

struct iommu iommu;

void iommu_wrote(const void *at, uint32_t bytes)
{
	const char *p = at;

	for (uint32_t i = 0; iommu.incoherent && i < bytes; i += LINE)
		__asm__ volatile("clflush %0" : : "m"(p[i]));
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void name_device(const char *what, uint16_t address, const char *why)
{
	print("moxie: %s %02x:%02x.%u: %s\n", what, address >> 8, address >> 3 & 31, address & 7u,
	      why);
}

static void open_units(void)
{
	iommu.units_n = dmar.units_n;
	iommu.large = iommu.remaps = true;
	for (uint32_t i = 0; i < iommu.units_n; i++) {
		struct unit *u = &iommu.units[i];
		const char *why = unit_open(u, dmar.units[i].base);

		if (why) {
			print("moxie: the IOMMU at %#lx cannot be used: %s\n", dmar.units[i].base,
			      why);
			u->base = 0;
			iommu.remaps = false;
			continue;
		}
		iommu.large &= (u->cap & CAP_LARGE) != 0;
		iommu.incoherent |= !(u->ecap & ECAP_COHERENT);
		iommu.remaps &= (u->ecap & ECAP_REMAP) != 0;
	}
}

/* What the firmware shares with a device cannot be kept from it without breaking either. */
static void assign(uint32_t i)
{
	uint16_t address = machine.devices[i].info.address;
	uint32_t unit = dmar_unit_of(address);

	iommu.unit_of[i] = unit < iommu.units_n && iommu.units[unit].base ? unit : DMAR_NONE;
	if (iommu.unit_of[i] == DMAR_NONE)
		name_device("no IOMMU before device", address, "it can reach all memory");
	else if (dmar_reserves(address))
		name_device("device", address, "the firmware's memory is kept from it");
}

void iommu_find(void)
{
	for (uint32_t i = 0; i < MX_DEVICES; i++)
		iommu.unit_of[i] = DMAR_NONE;
	if (!dmar.units_n) {
		if (machine.devices_n)
			print("moxie: no IOMMU: network devices, and so their drivers, can reach "
			      "all memory\n");
		return;
	}
	open_units();
	for (uint32_t i = 0; i < machine.devices_n; i++)
		assign(i);
	reach_prepare();
	iommu.remaps = iommu.remaps && dmar.remap_interrupts && remap_prepare();
	if (!iommu.remaps)
		print("moxie: the IOMMU does not remap interrupts: a network device can forge "
		      "them\n");
}

/* A unit that does not come up translates nothing, or blocks everything: nobody can know. */
void iommu_start(void)
{
	if (!iommu.units_n)
		return;
	reach_pools();
	for (uint32_t i = 0; i < iommu.units_n; i++) {
		if (!iommu.units[i].base)
			continue;
		if (!unit_start(&iommu.units[i], reach_root(), remap_table()))
			panic("the IOMMU at %#lx does not answer", iommu.units[i].base);
		blame_start(i);
	}
}

/*
 * PCI's configuration spaces as devices and bridges that lie may show them.
 *
 * An event is a function: its address, the bits that each BAR keeps of what is written, and its 256
 * bytes. What comes out must be regions of address space that are no memory, that no two functions
 * share, and of which the pages with MSI-X are known.
 */
#include <string.h>
#include "executive/arch.h"
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/config.h"
#include "executive/x86_64/dmar.h"
#include "tests/fuzz/events.h"
#include "tests/fuzz/state.h"

#define FUNCTIONS 48u
#define READS     2000000u /* that the walk may take: no more than all functions there can be */
#define RAM       0x8000000ull

struct machine machine;
struct acpi acpi;
struct dmar dmar;
struct range ram[RAM_RANGES];
uint32_t ram_n;
static struct function {
	uint16_t address;
	uint32_t keeps[MX_BARS];
	uint8_t space[256];
} functions[FUNCTIONS];
static uint32_t functions_n, reads;

void print(const char *format, ...)
{
	(void)format;
}

uint64_t config_physical(uint16_t address)
{
	(void)address;
	return 0;
}

static struct function *find(uint16_t address)
{
	fuzz_assert(++reads < READS);
	for (uint32_t i = 0; i < functions_n; i++)
		if (functions[i].address == address)
			return &functions[i];
	return NULL;
}

uint32_t config_read(uint16_t address, uint32_t at)
{
	const struct function *f = find(address);
	uint32_t v = UINT32_MAX;

	if (f)
		memcpy(&v, f->space + (at & 0xfc), sizeof(v));
	return v;
}

uint16_t config_read16(uint16_t address, uint32_t at)
{
	return (uint16_t)(config_read(address, at) >> (at & 2) * 8);
}

void config_write(uint16_t address, uint32_t at, uint32_t v)
{
	struct function *f = find(address);
	uint32_t bar = (at - CONFIG_BAR) / 4, old;

	if (!f)
		return;
	if (bar < MX_BARS) {
		memcpy(&old, f->space + at, sizeof(old));
		v = (v & f->keeps[bar]) | (old & ~f->keeps[bar] & 15);
	}
	memcpy(f->space + (at & 0xfc), &v, sizeof(v));
}

void config_write16(uint16_t address, uint32_t at, uint16_t v)
{
	struct function *f = find(address);

	if (f)
		memcpy(f->space + (at & 0xfe), &v, sizeof(v));
}

uint32_t config_capability(uint16_t address, uint8_t id)
{
	uint32_t at = config_read(address, CONFIG_CAPABILITIES) & 0xfc;

	for (uint32_t i = 0; i < 48 && at >= 0x40; i++) {
		if ((config_read(address, at) & 0xff) == id)
			return at;
		at = config_read(address, at) >> 8 & 0xfc;
	}
	return 0;
}

static void add(struct event *e)
{
	struct function *f = &functions[functions_n];

	if (functions_n == FUNCTIONS)
		return;
	memset(f, 0, sizeof(*f));
	f->address = (uint16_t)(event_take(e, 2) & 0x3ff);
	for (uint32_t i = 0; i < MX_BARS; i++) {
		uint32_t bits = (uint32_t)event_take(e, 1);

		f->keeps[i] = bits < 32   ? -(1u << bits)
		              : bits < 64 ? UINT32_MAX / (bits - 31)
		                          : UINT32_MAX;
	}
	memcpy(f->space, e->data, e->n < sizeof(f->space) ? e->n : sizeof(f->space));
	functions_n++;
}

static bool meet(struct range a, struct range b)
{
	return a.size && b.size && a.base < b.base + b.size && b.base < a.base + a.size;
}

static void check_bars(const struct device *d, uint32_t i)
{
	for (uint32_t k = 0; k < MX_BARS; k++) {
		const struct range *bar = &d->bar[k];

		if (!bar->size)
			continue;
		fuzz_assert(bar->base + bar->size > bar->base);
		fuzz_assert(!meet(*bar, ram[0]));
		for (uint32_t other = i + 1; other < machine.devices_n; other++)
			for (uint32_t l = 0; l < MX_BARS; l++)
				fuzz_assert(!meet(*bar, machine.devices[other].bar[l]));
	}
}

static void judge(void)
{
	for (uint32_t i = 0; i < machine.topology.functions_n; i++)
		for (uint32_t k = 0; k < i; k++)
			fuzz_assert(machine.topology.functions[i].address !=
			            machine.topology.functions[k].address);
	fuzz_assert(machine.topology.functions_n <= TOPOLOGY_FUNCTIONS);
	fuzz_assert(machine.devices_n <= MX_DEVICES);
	for (uint32_t i = 0; i < machine.devices_n; i++) {
		const struct device *d = &machine.devices[i];

		fuzz_assert(i == 0 || d->info.address >= d[-1].info.address);
		check_bars(d, i);
		if (d->msix_table)
			fuzz_assert(d->info.vectors && d->msix_hidden[0].size &&
			            d->msix_hidden[1].size &&
			            d->msix_hidden[0].base <= d->msix_table);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct events list = {data, n};
	struct event e;

	state_reset();
	memset(&machine, 0, sizeof(machine));
	functions_n = reads = 0;
	ram[0] = (struct range){0, RAM};
	ram_n = 1;
	acpi.ioapic = 0xfec00000;
	while (events_next(&list, &e))
		add(&e);
	pci_find();
	judge();
	return 0;
}

/*
 * PCI: finds the network functions and makes each a flat struct device.
 *
 * Firmware has assigned addresses and buses, or (qboot) nothing at all: then the functions of bus 0
 * get addresses from a window above memory. A BAR is what a driver domain is shown, so one that
 * lies where anything else does is not used. Bus mastering stays off until a driver starts, and is
 * turned off where a firmware left it on and no driver will own the function: the memory that it
 * was told of is ours now. Ports of the appliance are numbered by PCI address, so the list is
 * sorted by it.
 */
#include "executive/arch.h"
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/config.h"
#include "executive/x86_64/dmar.h"
#include "executive/x86_64/functions.h"

#define CLASS_NETWORK 0x02u
#define CLASS_DISPLAY 0x03u
#define CLASS_BRIDGES 0x06u
#define CLASS_BRIDGE  0x0604u
#define DEPTH_MOST    8u
#define BAR_IO        1u
#define BAR_64        4u
#define WINDOW_END    0xfe000000ull /* below the interrupt controllers */
#define GRAIN         0x1000ull

static uint64_t window; /* next address to assign; 0: the firmware has done it */

static void add(uint16_t address)
{
	uint32_t i = machine.devices_n;

	if (i == MX_DEVICES) {
		print("PCI: more than %u network devices; %02x:%02x.%u left out\n", MX_DEVICES,
		      address >> 8, address >> 3 & 31, address & 7u);
		return;
	}
	for (; i > 0 && machine.devices[i - 1].info.address > address; i--)
		machine.devices[i].info.address = machine.devices[i - 1].info.address;
	machine.devices[i].info.address = address;
	machine.devices_n++;
}

static void scan_bus(uint32_t bus, uint32_t depth);

/*
 * Bridges pass on what others send. A display goes on where its picture is ours: an integrated one
 * fetches it from memory, which the firmware has reserved. Read back, so that what the function had
 * sent has arrived (PCI 3.0, 3.2.5).
 */
static void silence(uint16_t address, uint32_t class)
{
	uint16_t command = config_read16(address, CONFIG_COMMAND);

	if (!(command & COMMAND_MASTER) || class == CLASS_BRIDGES ||
	    (class == CLASS_DISPLAY && machine.framebuffer.size))
		return;
	config_write16(address, CONFIG_COMMAND, command & (uint16_t)~COMMAND_MASTER);
	if (config_read16(address, CONFIG_COMMAND) & COMMAND_MASTER)
		print("PCI: %02x:%02x.%u keeps bus mastering on\n", address >> 8, address >> 3 & 31,
		      address & 7u);
}

static void scan_function(uint16_t address, uint32_t depth)
{
	uint16_t class = config_read16(address, CONFIG_CLASS);
	uint32_t type = config_read16(address, CONFIG_HEADER) & 0x7f;
	uint32_t bus;

	if (type == 0)
		silence(address, class >> 8);
	functions_note(address);
	if (type == 0 && class >> 8 == CLASS_NETWORK)
		add(address);
	if (type != 1 || class != CLASS_BRIDGE)
		return;
	/* A bus number above the bridge's own also rules out a loop. */
	bus = config_read(address, CONFIG_BUSES) >> 8 & 0xff;
	if (bus > address >> 8 && depth < DEPTH_MOST)
		scan_bus(bus, depth + 1);
}

static void scan_bus(uint32_t bus, uint32_t depth)
{
	for (uint32_t device = 0; device < 32; device++) {
		uint16_t address = (uint16_t)(bus << 8 | device << 3);
		uint32_t functions;

		if (config_read16(address, CONFIG_VENDOR) == 0xffff)
			continue;
		functions = config_read16(address, CONFIG_HEADER) & 0x80 ? 8 : 1;
		for (uint32_t f = 0; f < functions; f++)
			if (config_read16(address | (uint16_t)f, CONFIG_VENDOR) != 0xffff)
				scan_function(address | (uint16_t)f, depth);
	}
}

/* PCI 3.0, 6.2.5.1: all ones written come back with the bits that the size leaves writable. */
static uint64_t bar_size(uint16_t address, uint32_t at, bool wide)
{
	uint32_t low = config_read(address, at), high = 0;
	uint64_t mask;

	config_write(address, at, UINT32_MAX);
	mask = config_read(address, at) & ~15u;
	config_write(address, at, low);
	if (wide) {
		high = config_read(address, at + 4);
		config_write(address, at + 4, UINT32_MAX);
		mask |= (uint64_t)config_read(address, at + 4) << 32;
		config_write(address, at + 4, high);
	} else if (mask) {
		mask |= UINT64_MAX << 32;
	}
	return -mask & (-mask - 1) ? 0 : -mask; /* a power of two, or the device lies */
}

static bool meets(struct range a, uint64_t base, uint64_t size)
{
	return a.size && base < a.base + a.size && a.base < base + size;
}

/* Memory, another function's registers, or the machine's own: LAPIC, I/O APIC, ECAM, IOMMUs. */
static bool is_taken(uint64_t base, uint64_t size)
{
	const struct range machines[] = {
	        {0, 1 << 20},
	        {0xfee00000, 1 << 20},
	        {acpi.ioapic, acpi.ioapic ? MX_PAGE : 0},
	        machine.framebuffer,
	        {acpi.ecam, acpi.ecam ? (acpi.ecam_buses + 1ull) << 20 : 0}};
	bool taken = base + size <= base;

	for (uint32_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		taken |= meets(machines[i], base, size);
	for (uint32_t i = 0; i < dmar.units_n; i++)
		taken |= meets((struct range){dmar.units[i].base, MX_PAGE}, base, size);
	for (uint32_t i = 0; i < ram_n; i++)
		taken |= meets(ram[i], base, size);
	for (uint32_t i = 0; i < machine.devices_n; i++)
		for (uint32_t k = 0; k < MX_BARS; k++)
			taken |= meets(machine.devices[i].bar[k], base, size);
	return taken;
}

static uint64_t assign(uint16_t address, uint32_t at, bool wide, uint64_t size)
{
	uint64_t grain = size < GRAIN ? GRAIN : size, base = (window + grain - 1) & -grain;

	if (!window || address >> 8 || size > WINDOW_END || base + size > WINDOW_END)
		return 0;
	window = base + size;
	config_write(address, at, (uint32_t)base);
	if (wide)
		config_write(address, at + 4, 0);
	return base;
}

static void read_bars(struct device *d)
{
	uint16_t address = d->info.address;

	for (uint32_t i = 0; i < MX_BARS; i++) {
		uint32_t at = CONFIG_BAR + 4 * i, low = config_read(address, at);
		bool wide = (low & 6) == BAR_64 && i + 1 < MX_BARS;
		uint64_t size, base = low & ~15u;

		if (low & BAR_IO)
			continue;
		size = bar_size(address, at, wide);
		if (wide)
			base |= (uint64_t)config_read(address, at + 4) << 32;
		if (size && !base)
			base = assign(address, at, wide, size);
		if (size && (!base || is_taken(base, size)))
			print("PCI: no address for BAR %u of %02x:%02x.%u\n", i, address >> 8,
			      address >> 3 & 31, address & 7u);
		else if (size)
			d->bar[i] = (struct range){base, size};
		i += wide;
	}
}

/* The pages that hold `size` bytes at an offset in a BAR, given as offset | BAR number. */
static struct range hidden_pages(const struct device *d, uint32_t where, uint64_t size)
{
	const struct range *bar = &d->bar[(where & 7) % MX_BARS];
	uint64_t base = bar->base + (where & ~7u), end = base + size;

	if ((where & 7) >= MX_BARS || end > bar->base + bar->size)
		return (struct range){0, 0};
	base &= -(uint64_t)MX_PAGE;
	end = (end + MX_PAGE - 1) & -(uint64_t)MX_PAGE;
	return (struct range){base, end - base};
}

static void read_msix(struct device *d)
{
	uint16_t address = d->info.address;
	uint32_t at = config_capability(address, CAP_MSIX), vectors = functions_vectors(address);
	uint32_t table, pending;

	if (!at)
		return;
	table = config_read(address, at + 4);
	pending = config_read(address, at + 8);
	d->msix_hidden[0] = hidden_pages(d, table, vectors * 16ull);
	d->msix_hidden[1] = hidden_pages(d, pending, (vectors + 63) / 64 * 8ull);
	if (!d->msix_hidden[0].size || !d->msix_hidden[1].size) {
		print("PCI: MSI-X of %02x:%02x.%u lies outside its BARs\n", address >> 8,
		      address >> 3 & 31, address & 7u);
		return;
	}
	d->msix_table = d->bar[table & 7].base + (table & ~7u);
	d->info.vectors = (uint16_t)vectors;
}

static void read_device(struct device *d)
{
	uint16_t address = d->info.address;

	config_write16(address, CONFIG_COMMAND, 0); /* nothing decodes while sizes are asked */
	read_bars(d);
	config_write16(address, CONFIG_COMMAND, COMMAND_MEMORY | COMMAND_NOINTX);
	read_msix(d);
	d->command = config_physical(address);
	for (uint32_t at = 0; at < sizeof(d->info.config); at += 4)
		*(uint32_t *)(void *)(d->info.config + at) = config_read(address, at);
	d->info.vendor = config_read16(address, CONFIG_VENDOR);
	d->info.device = config_read16(address, CONFIG_VENDOR + 2);
}

static bool assigned(uint16_t address)
{
	for (uint32_t i = 0; i < MX_BARS; i++) {
		uint32_t low = config_read(address, CONFIG_BAR + 4 * i);

		if (!(low & BAR_IO) && low & ~15u)
			return true;
	}
	return false;
}

/* Free address space, when no network function has an address yet: above memory and ECAM. */
static uint64_t find_window(void)
{
	uint64_t at = 0x80000000ull;

	for (uint32_t i = 0; i < machine.devices_n; i++)
		if (assigned(machine.devices[i].info.address))
			return 0;
	for (uint32_t i = 0; i < ram_n; i++)
		if (ram[i].base < 1ull << 32 && ram[i].base + ram[i].size > at)
			at = ram[i].base + ram[i].size;
	if (acpi.ecam && acpi.ecam < WINDOW_END) {
		uint64_t end = acpi.ecam + ((acpi.ecam_buses + 1ull) << 20);

		at = end > at ? end : at;
	}
	return (at + 0xffffff) & ~0xffffffull; /* the firmware's reserved memory ends before that */
}

void pci_find(void)
{
	scan_bus(0, 0);
	window = find_window();
	for (uint32_t i = 0; i < machine.devices_n; i++)
		read_device(&machine.devices[i]);
}

/*
 * ACPI's tables, read once: cores, I/O APIC, configuration space, timer, power (ACPI 6.4);
 * numa.c reads what is near to what.
 *
 * Rules: a table counts only when its length is sane and its bytes sum to zero. What is missing
 * leaves its facts at zero, and the machine works with less: see struct acpi. AML is not
 * interpreted; the one object wanted from the DSDT, \_S5, is a constant package.
 */
#include <string.h>
#include "executive/arch.h"
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/bytes.h"
#include "executive/x86_64/dmar.h"
#include "executive/x86_64/numa.h"

#define MAPPED     (1ull << 32) /* what the boot tables show */
#define TABLE_MOST (1u << 20)
#define HEADER     36u /* bytes of every table's header */

struct acpi acpi;
static const uint8_t *srat, *slit, *hmat; /* read after the MADT, wherever they stand */

static bool sums_to_zero(const uint8_t *p, uint32_t n)
{
	uint8_t sum = 0;

	while (n--)
		sum = (uint8_t)(sum + *p++);
	return sum == 0;
}

/* The table at a physical address, or NULL with a message; its length is at offset 4. */
static const uint8_t *table(uint64_t at)
{
	const uint8_t *t = direct(at);

	if (at && at < MAPPED - TABLE_MOST && get32(t + 4) >= HEADER &&
	    get32(t + 4) <= TABLE_MOST && sums_to_zero(t, get32(t + 4)))
		return t;
	print("ACPI: bad table at %#lx\n", at);
	return NULL;
}

static void add_core(uint32_t id, uint32_t flags)
{
	if (!(flags & 1) || id == acpi.core_id[0]) /* not enabled: to be plugged in later */
		return;
	if (acpi.cores == MX_CORES_MAX)
		print("core %u left out: more than %u\n", id, MX_CORES_MAX);
	else
		acpi.core_id[acpi.cores++] = id;
}

static void add_ioapic(const uint8_t *e)
{
	if (!acpi.ioapic) {
		acpi.ioapic_id = e[2];
		acpi.ioapic = get32(e + 4);
		acpi.ioapic_gsi = get32(e + 8);
	}
	if (acpi.ioapics_n == IOAPICS)
		print("I/O APIC %u left as it is: more than %u\n", e[2], IOAPICS);
	else
		acpi.ioapics[acpi.ioapics_n++] = get32(e + 4);
}

/* 5.2.12: interrupt structures from offset 44, type and length first. */
static void read_madt_entry(const uint8_t *e)
{
	if (e[0] == 0 && e[1] >= 8) {
		add_core(e[3], get32(e + 4));
	} else if (e[0] == 9 && e[1] >= 16) {
		add_core(get32(e + 4), get32(e + 8));
	} else if (e[0] == 1 && e[1] >= 12) {
		add_ioapic(e);
	} else if (e[0] == 2 && e[1] >= 10 && e[3] == 4) {
		acpi.uart_gsi = get32(e + 4);
		acpi.uart_flags = get16(e + 8);
	}
}

static void read_madt(const uint8_t *t)
{
	uint32_t length = get32(t + 4);

	acpi.cores = 1;
	acpi.core_id[0] = apic_id();
	for (uint32_t i = 44; i + 2 <= length && t[i + 1] >= 2 && i + t[i + 1] <= length;
	     i += t[i + 1])
		read_madt_entry(t + i);
}

/* PCI Firmware 3.0, 4.1.2: entries of 16 bytes from offset 44. */
static void read_mcfg(const uint8_t *t)
{
	for (uint32_t i = 44; i + 16 <= get32(t + 4); i += 16)
		if (get16(t + i + 8) == 0 && t[i + 10] == 0) {
			acpi.ecam = get64(t + i);
			acpi.ecam_buses = t[i + 11];
		}
}

/* 20.2.5.4: "_S5_", PackageOp, length, number of elements, then SLP_TYPa (7.4.2.6). */
static void read_s5(const uint8_t *t)
{
	uint32_t length = get32(t + 4);

	for (uint32_t i = HEADER; i + 12 < length; i++) {
		const uint8_t *p = t + i;

		if (p[0] != '_' || memcmp(p, "_S5_", 4) != 0 || p[4] != 0x12)
			continue;
		p += 5 + (p[5] >> 6) + 2; /* at most 10, and two bytes are read: within i + 12 */
		acpi.s5_known = true;
		acpi.s5_type = p[0] == 0x0a ? p[1] : p[0]; /* BytePrefix, else ZeroOp or OneOp */
		return;
	}
}

/* 5.2.9 */
static void read_fadt(const uint8_t *t)
{
	uint32_t length = get32(t + 4);
	const uint8_t *dsdt;
	uint64_t at;

	if (length < 116)
		return;
	at = get32(t + 40);
	acpi.smi_command = (uint16_t)get32(t + 48);
	acpi.acpi_enable = t[52];
	acpi.pm_control = (uint16_t)get32(t + 64);
	acpi.pm_timer = (uint16_t)get32(t + 76);
	if (length >= 129 && get32(t + 112) & 1u << 10) {
		acpi.reset_space = t[116];
		acpi.reset_address = get64(t + 120);
		acpi.reset_value = t[128];
	}
	if (length >= 148 && get64(t + 140))
		at = get64(t + 140);
	dsdt = table(at);
	if (dsdt)
		read_s5(dsdt);
}

static void read_table(uint64_t at)
{
	const uint8_t *t = table(at);

	if (!t)
		return;
	if (memcmp(t, "APIC", 4) == 0)
		read_madt(t);
	else if (memcmp(t, "MCFG", 4) == 0)
		read_mcfg(t);
	else if (memcmp(t, "FACP", 4) == 0)
		read_fadt(t);
	else if (memcmp(t, "DMAR", 4) == 0)
		dmar_read(t);
	else if (memcmp(t, "SRAT", 4) == 0)
		srat = t;
	else if (memcmp(t, "SLIT", 4) == 0)
		slit = t;
	else if (memcmp(t, "HMAT", 4) == 0)
		hmat = t;
}

/* 5.2.5.3: 20 bytes in revision 0, then a length and the XSDT. */
static const uint8_t *root_table(const uint8_t *rsdp, uint32_t *step)
{
	if (memcmp(rsdp, "RSD PTR ", 8) != 0 || !sums_to_zero(rsdp, 20))
		return NULL;
	*step = 8;
	if (rsdp[15] >= 2 && get32(rsdp + 20) <= 64 && sums_to_zero(rsdp, get32(rsdp + 20)) &&
	    get64(rsdp + 24))
		return table(get64(rsdp + 24));
	*step = 4;
	return table(get32(rsdp + 16));
}

void acpi_read(uint64_t rsdp)
{
	const uint8_t *root = NULL;
	uint32_t step = 0;

	acpi.uart_gsi = 4; /* as ISA has it, unless overridden */
	acpi.reset_space = 0xff;
	srat = slit = hmat = NULL;
	if (rsdp && rsdp < MAPPED - 64)
		root = root_table(direct(rsdp), &step);
	if (!root) {
		print("ACPI: no tables; one core, no I/O APIC\n");
		return;
	}
	for (uint32_t i = HEADER; i + step <= get32(root + 4); i += step)
		read_table(step == 8 ? get64(root + i) : get32(root + i));
	if (acpi.cores == 0)
		print("ACPI: no MADT; one core, no I/O APIC\n");
	numa_read(srat, slit, hmat);
}

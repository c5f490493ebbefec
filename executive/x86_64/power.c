/*
 * The end of the machine: ACPI's soft-off, and the ways to reset, one after the other.
 */
#include "executive/arch.h"
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/cpu.h"

#define SCI_EN 1u
#define SLP_EN 0x2000u
#define TRIES  100000u
#define SECOND 1000000000ull

/* ACPI 6.4, 16.1.7 and 4.8.3.2. Where firmware still owns the registers, they are asked for. */
static void soft_off(void)
{
	uint16_t control = acpi.pm_control;

	if (!control || !acpi.s5_known)
		return;
	if (!(in16(control) & SCI_EN) && acpi.smi_command && acpi.acpi_enable) {
		out8(acpi.smi_command, acpi.acpi_enable);
		for (uint32_t i = 0; i < TRIES && !(in16(control) & SCI_EN); i++)
			pause();
	}
	out16(control,
	      (uint16_t)((in16(control) & SCI_EN) | (uint32_t)acpi.s5_type << 10 | SLP_EN));
}

static void reset(void)
{
	if (acpi.reset_space == 1)
		out8((uint16_t)acpi.reset_address, acpi.reset_value);
	else if (acpi.reset_space == 0)
		*(volatile uint8_t *)mmio(acpi.reset_address) = acpi.reset_value;
	out8(0xcf9, 2); /* chipset: choose a full reset, then do it */
	out8(0xcf9, 6);
	out8(0x64, 0xfe); /* keyboard controller */
}

/* What was asked for may take its time while the processor runs on. */
_Noreturn void arch_power(uint32_t how)
{
	uint64_t end = arch_now() + SECOND;

	__asm__ volatile("cli");
	if (how == MX_POWER_OFF)
		soft_off();
	else
		reset();
	while (arch_now() < end)
		pause();
	panic(how == MX_POWER_OFF ? "the machine does not power off"
	                          : "the machine does not reset");
}

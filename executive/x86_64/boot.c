/*
 * The boot phase, as a table of contents. It finds the machine, divides it, and ends by sending
 * every core, this one too, into its own executive; from there on no core is special.
 */
#include "executive/arch.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/cpu.h"
#include "executive/x86_64/layout.h"

HOT_DATA struct machine machine;
HOT_DATA uint32_t self;

_Noreturn void boot_main(uint64_t start_info)
{
	uint64_t rsdp;

	uart_init();
	cpu_init(); /* from here on a fault says where */
	interrupt_init();
	apic_init(DIRECT + apic_physical());
	rsdp = pvh_read(start_info);
	screen_start();
	acpi_read(rsdp);
	ioapic_mute();
	time_start();
	tables_high_memory();
	fwcfg_read();
	pci_find();
	smp_roll_call();
	iommu_find();
	memory_divide();
	tables_cores();
	memory_pools();
	iommu_start();
	time_finish();
	tables_copy();
	smp_start();
}

/* Where core_enter ends, on the core's own stack and its own copy of the data. */
_Noreturn void core_start(void)
{
	cpu_init();
	apic_init(CORE_LAPIC);
	core_main();
}

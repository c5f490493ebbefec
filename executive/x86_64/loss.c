/*
 * Cores that are lost, as the machine sees it: see arch.h and executive/watch.h.
 *
 * An NMI breaks in where interrupts are off (SDM vol. 3, 6.7), so a core that hangs can still say
 * where. INIT stops one that does not even hear that (10.6.1); it then waits for a STARTUP that
 * nobody sends. Not so the boot core, which begins to execute the firmware (8.4.2): it gets none.
 */
#include "executive/arch.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/cpu.h"
#include "executive/x86_64/iommu.h"
#include "executive/x86_64/layout.h"

#define NOWHERE (CORE_AREA + 0x8000) /* below the stack's guard page nothing is mapped */

const bool arch_loses = true;

void arch_nudge(uint32_t core)
{
	apic_send_nmi(machine.hardware_id[core]);
}

bool arch_fence(uint32_t core)
{
	if (core == 0)
		return false;
	apic_send_init(machine.hardware_id[core]);
	return true;
}

void arch_lost(uint32_t core)
{
	blame_inherit(core);
}

void arch_break(bool hang)
{
	while (hang)
		pause();
	(void)*(volatile uint32_t *)NOWHERE;
}

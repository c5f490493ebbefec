/*
 * The other cores: a roll call before memory is divided, the start after it (SDM vol. 3, 8.4.4).
 *
 * Both wake a core by INIT and STARTUP into the trampoline of entry.S. In the roll call it says
 * that it is there, and what its CPUID tells, and halts; memory is divided only among cores that
 * answered. The start gives it its address space and it is gone. One core at a time is woken, so
 * the trampoline needs no lock.
 */
#include <string.h>
#include "executive/arch.h"
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/cpu.h"
#include "executive/x86_64/layout.h"
#include "executive/x86_64/leaves.h"

/* The TSC's rate is not known yet; no processor ticks faster than this, slower ones wait longer. */
#define TICKS_PER_US 5000ull

extern const char trampoline[], trampoline_end[];

static void *word(uint32_t offset)
{
	return (char *)direct(TRAMPOLINE) + offset;
}

static bool came(uint32_t how_far, uint64_t us)
{
	uint64_t end = rdtsc() + us * TICKS_PER_US;

	while (__atomic_load_n((uint32_t *)word(TRAMPOLINE_HERE), __ATOMIC_ACQUIRE) != how_far) {
		if (rdtsc() > end)
			return false;
		pause();
	}
	return true;
}

/* A second STARTUP is sent to one that did not hear the first. */
static bool wake(uint32_t id, uint64_t space, uint32_t how_far)
{
	__atomic_store_n((uint64_t *)word(TRAMPOLINE_SPACE), space, __ATOMIC_RELAXED);
	__atomic_store_n((uint32_t *)word(TRAMPOLINE_HERE), 0, __ATOMIC_SEQ_CST);
	apic_send_init(id);
	came(how_far, 10); /* never so soon: only the pause that INIT wants */
	apic_send_startup(id, TRAMPOLINE >> 12);
	if (came(how_far, 1000))
		return true;
	apic_send_startup(id, TRAMPOLINE >> 12);
	return came(how_far, 500000);
}

/* What it said of itself stands in the trampoline's page. */
static void present(uint32_t id, uint8_t node)
{
	machine.hardware_id[machine.cores] = id;
	machine.topology.cores[machine.cores].node = node;
	leaves_read(machine.cores++, id, word(TRAMPOLINE_LEAVES), word(TRAMPOLINE_SAID));
}

void smp_roll_call(void)
{
	machine.cores = 0;
	memcpy(direct(TRAMPOLINE), trampoline, (size_t)(trampoline_end - trampoline));
	leaves_choose(word(TRAMPOLINE_LEAVES));
	leaves_own(word(TRAMPOLINE_LEAVES), word(TRAMPOLINE_SAID));
	present(apic_id(), acpi.core_node[0]);
	for (uint32_t i = 1; i < acpi.cores; i++) {
		if (wake(acpi.core_id[i], 0, TRAMPOLINE_PRESENT)) {
			present(acpi.core_id[i], acpi.core_node[i]);
			continue;
		}
		apic_send_init(acpi.core_id[i]); /* it must not come late, into another's space */
		print("core with APIC id %u does not answer; left out\n", acpi.core_id[i]);
	}
	topology_finish(&machine.topology, machine.cores);
}

_Noreturn void smp_start(void)
{
	for (uint32_t c = 1; c < machine.cores; c++)
		if (!wake(machine.hardware_id[c], tables_root(c), TRAMPOLINE_STARTED))
			panic("core %u answered the roll call but does not start", c);
	core_enter(tables_root(0));
}

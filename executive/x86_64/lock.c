/*
 * The one lock: for hardware that all cores reach through a pair of index and data registers (the
 * I/O APIC, PCI's ports 0xcf8 and 0xcfc) or by a queue (an IOMMU), or that mixes up their lines
 * (the serial port).
 *
 * It guards no memory; executives share none but their FIFOs. Taken at boot, when interrupts are
 * bound and for last words, never per packet. A core may die while it holds the lock, so the wait
 * has an end; garbled words are better than none.
 */
#include <stdint.h>
#include "executive/x86_64/apic.h"
#include "executive/x86_64/cpu.h"

#define TRIES 1000000u /* about 0.1 s */

/* The only page of static data that is not copied for each core: see executive.ld. */
__attribute__((section(".shared"))) static uint32_t held;

void hardware_lock(void)
{
	for (uint32_t i = 0; i < TRIES && __atomic_exchange_n(&held, 1u, __ATOMIC_ACQUIRE); i++)
		pause();
}

void hardware_unlock(void)
{
	__atomic_store_n(&held, 0u, __ATOMIC_RELEASE);
}

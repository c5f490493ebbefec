/*
 * ACPI's tables of what is near to what: SRAT, SLIT, HMAT (ACPI 6.4, 5.2.16, 5.2.17, 5.2.27).
 *
 * Interface: numa_read, after the MADT, with tables whose length and sum are right, or NULL; what
 * they say goes to machine.topology, and to acpi.core_node for cores of the MADT.
 * Rules: the tables are untrusted. Who has no entry in SRAT belongs to node 0. A proximity domain
 * that SRAT does not name does not exist for SLIT and HMAT.
 */
#ifndef X86_64_NUMA_H
#define X86_64_NUMA_H

#include <stdint.h>

void numa_read(const uint8_t *srat, const uint8_t *slit, const uint8_t *hmat);

#endif

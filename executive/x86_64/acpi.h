/*
 * What ACPI told: facts of the platform, fixed after boot.
 */
#ifndef X86_64_ACPI_H
#define X86_64_ACPI_H

#include <stdbool.h>
#include <stdint.h>
#include "executive/machine.h"

#define IOAPICS 16u /* more are left as the firmware left them, and said */

struct acpi {
	uint32_t cores;                  /* entries in core_id; 0 without MADT */
	uint32_t core_id[MX_CORES_MAX];  /* LAPIC ids of enabled cores, the boot core first */
	uint8_t core_node[MX_CORES_MAX]; /* of machine.topology.nodes; 0 where SRAT says nothing */
	uint64_t ioapic;                 /* the first one's physical address, 0: none */
	uint32_t ioapic_gsi;             /* its first global interrupt */
	uint64_t ioapics[IOAPICS];       /* all of them */
	uint32_t ioapics_n;
	uint8_t ioapic_id;
	uint32_t uart_gsi;    /* where ISA interrupt 4 arrives */
	uint16_t uart_flags;  /* polarity and trigger, ACPI 6.4 table 5.26; 0: as the bus has it */
	uint64_t ecam;        /* configuration space of segment 0, bus 0; 0: none */
	uint8_t ecam_buses;   /* last bus it covers */
	uint16_t pm_timer;    /* I/O port, 0: none */
	uint16_t pm_control;  /* PM1a control port, 0: none */
	uint16_t smi_command; /* port and value that switch ACPI on; 0: it is on */
	uint8_t acpi_enable;
	bool s5_known;
	uint8_t s5_type;     /* SLP_TYP of soft-off */
	uint8_t reset_space; /* 0 memory, 1 I/O; 0xff: no reset register */
	uint64_t reset_address;
	uint8_t reset_value;
};

extern struct acpi acpi;

#endif

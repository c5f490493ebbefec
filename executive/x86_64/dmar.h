/*
 * What ACPI's DMAR table tells of the IOMMUs (Intel VT-d specification, chapter 8).
 *
 * Interface: dmar_read takes a table whose length and sum are right; dmar_unit_of names the unit
 * that translates what a PCI function sends; dmar_ioapic the source that an I/O APIC sends as.
 * Rules: every structure is bounded by the table, every scope by its structure. What does not fit
 * the arrays is left out and said.
 */
#ifndef X86_64_DMAR_H
#define X86_64_DMAR_H

#include <stdbool.h>
#include <stdint.h>

#define DMAR_UNITS  8u
#define DMAR_SCOPES 64u
#define DMAR_HOPS   4u
#define DMAR_NONE   UINT32_MAX

enum dmar_scope_kind {
	DMAR_ENDPOINT = 1,
	DMAR_BRIDGE = 2, /* and all that is below it */
	DMAR_IOAPIC = 3,
};

/* A function, named by its bus and the way to it through bridges. */
struct dmar_scope {
	uint8_t unit; /* whose scope; DMAR_UNITS: that of memory the firmware keeps for devices */
	uint8_t kind;
	uint8_t id; /* of an I/O APIC */
	uint8_t bus;
	uint8_t hops;
	uint8_t path[DMAR_HOPS][2]; /* device, function */
};

struct dmar {
	bool remap_interrupts; /* the platform is made for it */
	uint32_t units_n;
	struct {
		uint64_t base; /* of its registers */
		bool all;      /* every function that no other unit names */
	} units[DMAR_UNITS];
	uint32_t scopes_n;
	struct dmar_scope scopes[DMAR_SCOPES];
};

extern struct dmar dmar;

void dmar_read(const uint8_t *table);
uint32_t dmar_unit_of(uint16_t address); /* DMAR_NONE: none translates it */
bool dmar_reserves(uint16_t address);    /* the firmware shares memory with it (RMRR) */
bool dmar_ioapic(uint8_t id, uint16_t *source);

#endif

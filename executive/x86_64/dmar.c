/* ACPI's DMAR table: see dmar.h. Section numbers are those of the VT-d specification, 3.x. */
#include <string.h>
#include "executive/arch.h"
#include "executive/x86_64/bytes.h"
#include "executive/x86_64/config.h"
#include "executive/x86_64/dmar.h"

#define FIRST          48u /* 8.1: offset of the first structure */
#define UNIT           0u  /* 8.3, DRHD */
#define RESERVED       1u  /* 8.4, RMRR */
#define UNIT_LEAST     16u
#define RESERVED_LEAST 24u
#define SCOPE_LEAST    6u

struct dmar dmar;

/* 8.3.1: kind, length, two bytes, id, bus, then device and function of each hop. */
static void read_scope(const uint8_t *p, uint32_t length, uint32_t unit)
{
	struct dmar_scope *s = &dmar.scopes[dmar.scopes_n];
	uint32_t hops = (length - SCOPE_LEAST) / 2;

	if (hops == 0 || p[0] < DMAR_ENDPOINT || p[0] > DMAR_IOAPIC)
		return; /* timers and names of ACPI send nothing that is of interest */
	if (hops > DMAR_HOPS || dmar.scopes_n == DMAR_SCOPES) {
		print("DMAR: a scope of unit %u is left out\n", unit);
		return;
	}
	*s = (struct dmar_scope){.unit = (uint8_t)unit,
	                         .kind = p[0],
	                         .id = p[4],
	                         .bus = p[5],
	                         .hops = (uint8_t)hops};
	memcpy(s->path, p + SCOPE_LEAST, hops * 2);
	dmar.scopes_n++;
}

static void read_scopes(const uint8_t *p, const uint8_t *end, uint32_t unit)
{
	while (end - p >= (int)SCOPE_LEAST && p[1] >= SCOPE_LEAST && p[1] <= end - p) {
		read_scope(p, p[1], unit);
		p += p[1];
	}
}

/* Other segments have functions of the same numbers, none of which is looked for. */
static void read_unit(const uint8_t *p, uint32_t length)
{
	uint64_t base = get32(p + 8) | (uint64_t)get32(p + 12) << 32;

	if (get16(p + 6) != 0)
		return;
	if (base == 0 || base % 4096 || base >> 52 || dmar.units_n == DMAR_UNITS) {
		print("DMAR: the unit at %#lx is left out\n", base);
		return;
	}
	dmar.units[dmar.units_n].base = base;
	dmar.units[dmar.units_n].all = p[4] & 1;
	read_scopes(p + UNIT_LEAST, p + length, dmar.units_n++);
}

void dmar_read(const uint8_t *t)
{
	uint32_t size = get32(t + 4), length;

	dmar = (struct dmar){.remap_interrupts = size >= FIRST && t[37] & 1};
	for (uint32_t at = FIRST; at + 4 <= size; at += length) {
		uint16_t kind = get16(t + at);

		length = get16(t + at + 2);
		if (length < 4 || length > size - at) {
			print("DMAR: structure at %u is cut\n", at);
			return;
		}
		if (kind == UNIT && length >= UNIT_LEAST)
			read_unit(t + at, length);
		if (kind == RESERVED && length >= RESERVED_LEAST && get16(t + at + 6) == 0)
			read_scopes(t + at + RESERVED_LEAST, t + at + length, DMAR_UNITS);
	}
}

/* Follows the path; DMAR_NONE where a bridge on it leads nowhere. */
static uint32_t end_of(const struct dmar_scope *s)
{
	uint32_t bus = s->bus, address = DMAR_NONE;

	for (uint32_t i = 0; i < s->hops; i++) {
		address = bus << 8 | (s->path[i][0] & 31u) << 3 | (s->path[i][1] & 7u);
		if (i + 1 == s->hops)
			break;
		bus = config_read((uint16_t)address, CONFIG_BUSES) >> 8 & 0xff;
		if (bus <= address >> 8)
			return DMAR_NONE;
	}
	return address;
}

static bool covers(const struct dmar_scope *s, uint16_t address)
{
	uint32_t end = end_of(s), buses;

	if (end == DMAR_NONE || s->kind == DMAR_IOAPIC)
		return false;
	if (end == address)
		return true;
	if (s->kind != DMAR_BRIDGE)
		return false;
	buses = config_read((uint16_t)end, CONFIG_BUSES);
	return address >> 8 >= (buses >> 8 & 0xff) && address >> 8 <= (buses >> 16 & 0xff) &&
	       (buses >> 8 & 0xff) > end >> 8;
}

/* 8.3: who names the function; else who takes all that nobody names. */
uint32_t dmar_unit_of(uint16_t address)
{
	for (uint32_t i = 0; i < dmar.scopes_n; i++)
		if (dmar.scopes[i].unit < DMAR_UNITS && covers(&dmar.scopes[i], address))
			return dmar.scopes[i].unit;
	for (uint32_t i = 0; i < dmar.units_n; i++)
		if (dmar.units[i].all)
			return i;
	return DMAR_NONE;
}

bool dmar_reserves(uint16_t address)
{
	for (uint32_t i = 0; i < dmar.scopes_n; i++)
		if (dmar.scopes[i].unit == DMAR_UNITS && covers(&dmar.scopes[i], address))
			return true;
	return false;
}

bool dmar_ioapic(uint8_t id, uint16_t *source)
{
	for (uint32_t i = 0; i < dmar.scopes_n; i++) {
		const struct dmar_scope *s = &dmar.scopes[i];

		if (s->kind != DMAR_IOAPIC || s->id != id || end_of(s) == DMAR_NONE)
			continue;
		*source = (uint16_t)end_of(s);
		return true;
	}
	return false;
}

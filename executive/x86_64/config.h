/*
 * PCI configuration space: memory-mapped (ECAM) where ACPI names it, else ports 0xcf8 and 0xcfc.
 * A function's address is bus << 8 | device << 3 | function; at is a byte offset below 256.
 */
#ifndef X86_64_CONFIG_H
#define X86_64_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

enum {
	CONFIG_VENDOR = 0x00,
	CONFIG_COMMAND = 0x04,
	CONFIG_STATUS = 0x06,
	CONFIG_REVISION = 0x08, /* then interface, subclass, class */
	CONFIG_CLASS = 0x0a,    /* subclass, then class */
	CONFIG_HEADER = 0x0e,
	CONFIG_BAR = 0x10,
	CONFIG_BUSES = 0x18, /* of a bridge: primary, secondary, subordinate */
	CONFIG_CAPABILITIES = 0x34,
	CONFIG_PIN = 0x3d, /* 8 bits: which of INTA .. INTD */
};
#define COMMAND_IO      0x001u
#define COMMAND_MEMORY  0x002u
#define COMMAND_MASTER  0x004u
#define COMMAND_SERR    0x100u
#define COMMAND_NOINTX  0x400u
#define COMMAND_ANSWERS (COMMAND_MEMORY | COMMAND_NOINTX) /* and nothing else */
#define CAP_MSIX        0x11u

uint64_t config_physical(uint16_t address);          /* 0: only by ports */
uint32_t config_read(uint16_t address, uint32_t at); /* 32 bits */
void config_write(uint16_t address, uint32_t at, uint32_t v);
uint16_t config_read16(uint16_t address, uint32_t at);
void config_write16(uint16_t address, uint32_t at, uint16_t v);
/* Writes COMMAND, if all bits of `only_if` are set in it; nobody else does in between. */
bool config_command(uint16_t address, uint16_t only_if, uint16_t v);
bool config_command_held(uint16_t address, uint16_t only_if, uint16_t v); /* who has the lock */
uint32_t config_capability(uint16_t address, uint8_t id);                 /* its offset, 0: none */

#endif

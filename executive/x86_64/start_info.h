/*
 * What a loader hands over: the PVH boot protocol's hvm_start_info
 * (xen/include/public/arch-x86/hvm/start_info.h), and what its modules are.
 *
 * QEMU hands over one module at most, the bundle. The UEFI loader (loader/) names its modules by
 * their command lines, so that their order says nothing; one of another name or of none is the
 * bundle. Everything lies below 4 GiB.
 */
#ifndef X86_64_START_INFO_H
#define X86_64_START_INFO_H

#include <stdint.h>

#define START_MAGIC      0x336ec578u
#define START_PHYS_ENTRY 18u /* the ELF note, of "Xen", that names the 32-bit entry */

struct start_info {
	uint32_t magic, version, flags, modules_n;
	uint64_t modules, command_line, rsdp;
	uint64_t memmap; /* version 1 and later */
	uint32_t memmap_n, reserved;
};

#define START_CONFIG "config" /* the configuration's text */
#define START_SCREEN "screen" /* a struct start_screen */
#define START_NAME   8u       /* bytes of a module's name at most, NUL included */
struct start_module {
	uint64_t base, size, command_line, reserved;
};

/* As in ACPI's address map (ACPI 6.4, table 15.4). */
enum start_memory { START_RAM = 1, START_RESERVED, START_ACPI, START_NVS, START_UNUSABLE };
struct start_memmap {
	uint64_t base, size;
	uint32_t type, reserved;
};

/* A linear framebuffer of 32 bits a pixel, of which 24 are three equal colours. */
struct start_screen {
	uint64_t base;                 /* anywhere */
	uint32_t width, height, pitch; /* pixels, lines, bytes from one line to the next */
	uint32_t reserved;
};

#endif

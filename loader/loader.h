/*
 * The UEFI loader: \EFI\BOOT\BOOTX64.EFI on the disk image. It reads the executive, the bundle and
 * the configuration from the volume it came from, and enters the executive as PVH has it
 * (executive/x86_64/start_info.h), so that the executive knows no UEFI.
 *
 * Rules: what is handed over lies below 4 GiB, and outside the executive's place, to which it is
 * copied in the very last step, when nothing of the firmware is used any more. Each function that
 * can fail says why on the firmware's console and returns false.
 */
#ifndef LOADER_H
#define LOADER_H

#include <efi.h>
#include <efilib.h>
#include <stdbool.h>
#include "executive/x86_64/start_info.h"

/* Pages of memory; size: bytes of them that mean something. */
struct blob {
	UINT64 base;
	UINT64 size;
};

/* The executive, ready to be copied to where it belongs. */
struct executive {
	struct blob stage; /* size: to the end of its memory, a multiple of 4 */
	UINT64 place;
	UINT32 entry;
};

/* main.c; called by gnu-efi's crt0. */
EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

/* file.c */
bool file_open_volume(EFI_HANDLE image);
/* The whole file. A file that is not there: *size is 0, and false only if it `must` be. */
bool file_read(const CHAR16 *path, UINT64 most, bool must, struct blob *b);

/* memory.c */
#define MAP_ENTRIES 512u
extern UINT64 forbidden, forbidden_end; /* where the executive belongs: pages are not given there */
UINT64 memory_pages(UINT64 bytes,
                    EFI_MEMORY_TYPE type);     /* zeroed, below 4 GiB; 0: there are none */
bool memory_is_free(UINT64 base, UINT64 size); /* once the firmware is gone */
/* ExitBootServices; the final map, in order of address, neighbours joined. Its length, 0: failed.
   From the first attempt on the firmware can say nothing any more. */
UINT32 memory_leave(EFI_HANDLE image, struct start_memmap map[MAP_ENTRIES]);

/* elf.c */
bool elf_stage(const struct blob *file, struct executive *e);

/* screen.c: false when there is none that is a plain framebuffer. */
bool screen_find(struct start_screen *s);

/* handover.c: does not return when it succeeds. */
bool handover(EFI_HANDLE image, const struct executive *e, const struct blob *bundle,
              const struct blob *config);

/* leave.S: to be copied to a page, and called there. */
struct leave {
	UINT32 place, stage, words; /* of the executive */
	UINT32 entry, start_info;
};
extern char leave[], leave_end[];

#endif

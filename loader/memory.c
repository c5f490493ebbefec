/*
 * Memory: pages from the firmware, and its map at the end (UEFI 2.9, 7.2).
 */
#include "loader/loader.h"

#define LOW       0x100000ull /* below it firmware lives, even after its end */
#define BELOW     0x100000000ull
#define MAP_BYTES 65536u /* of the firmware's map; the largest seen has some 200 entries of 48 */
#define TRIES     8u

UINT64 forbidden, forbidden_end;

static UINT8 map_room[MAP_BYTES] __attribute__((aligned(8)));
static UINTN map_size, map_key, map_step;

static EFI_STATUS read_map(void)
{
	UINT32 version;

	map_size = sizeof map_room;
	return BS->GetMemoryMap(&map_size, (void *)map_room, &map_key, &map_step, &version);
}

static const EFI_MEMORY_DESCRIPTOR *entry(UINTN i)
{
	return (i + 1) * map_step <= map_size ? (void *)(map_room + i * map_step) : NULL;
}

/* 7.2, table 7.10: what the firmware used to boot is free after it. */
static UINT32 type_of(const EFI_MEMORY_DESCRIPTOR *d)
{
	switch (d->Type) {
	case EfiLoaderCode:
	case EfiLoaderData:
	case EfiBootServicesCode:
	case EfiBootServicesData:
	case EfiConventionalMemory:
		return START_RAM;
	case EfiACPIReclaimMemory:
		return START_ACPI;
	case EfiACPIMemoryNVS:
		return START_NVS;
	case EfiUnusableMemory:
		return START_UNUSABLE;
	default:
		return START_RESERVED;
	}
}

static UINT64 end_of(const EFI_MEMORY_DESCRIPTOR *d)
{
	return d->PhysicalStart + d->NumberOfPages * EFI_PAGE_SIZE;
}

/*
 * The lowest pages that are free, and free at the end. Firmware gives the highest ones if it may
 * choose, among those that it keeps: what the executive gets would then be many small runs instead
 * of a large one.
 */
static UINT64 lowest(UINT64 size)
{
	UINT64 best = 0;

	for (UINTN i = 0; entry(i); i++) {
		UINT64 at = entry(i)->PhysicalStart, end = end_of(entry(i));

		if (entry(i)->Type != EfiConventionalMemory)
			continue;
		if (at < LOW)
			at = LOW;
		if (at < forbidden_end && at + size > forbidden)
			at = (forbidden_end + EFI_PAGE_SIZE - 1) & ~(UINT64)(EFI_PAGE_SIZE - 1);
		if (end > BELOW)
			end = BELOW;
		if (at < end && end - at >= size && (!best || at < best))
			best = at;
	}
	return best;
}

/* The map may have changed since it was read, if only by reading it. */
UINT64 memory_pages(UINT64 bytes, EFI_MEMORY_TYPE type)
{
	UINTN n = EFI_SIZE_TO_PAGES(bytes);

	for (UINT32 i = 0; i < TRIES && !EFI_ERROR(read_map()); i++) {
		EFI_PHYSICAL_ADDRESS at = lowest(n * EFI_PAGE_SIZE);

		if (!at)
			return 0;
		if (!EFI_ERROR(BS->AllocatePages(AllocateAddress, type, n, &at))) {
			SetMem((void *)at, n * EFI_PAGE_SIZE, 0);
			return at;
		}
	}
	return 0;
}

/* Entries come in no order: goes on where the last one ended, until all is covered. */
bool memory_is_free(UINT64 base, UINT64 size)
{
	UINT64 end = base + size;
	bool found = !EFI_ERROR(read_map());

	while (found && base < end) {
		found = false;
		for (UINTN i = 0; entry(i); i++)
			if (type_of(entry(i)) == START_RAM && entry(i)->PhysicalStart <= base &&
			    base < end_of(entry(i))) {
				base = end_of(entry(i));
				found = true;
			}
	}
	return found;
}

/* Into its place by address, one with the entry before it where the two are alike. */
static UINT32 insert(struct start_memmap *map, UINT32 n, const EFI_MEMORY_DESCRIPTOR *d)
{
	UINT32 i = n;

	for (; i > 0 && map[i - 1].base > d->PhysicalStart; i--)
		map[i] = map[i - 1];
	map[i] = (struct start_memmap){d->PhysicalStart, end_of(d) - d->PhysicalStart, type_of(d),
	                               0};
	return n + 1;
}

static UINT32 join(struct start_memmap *map, UINT32 n)
{
	UINT32 to = 0;

	for (UINT32 i = 1; i < n; i++)
		if (map[i].type == map[to].type && map[i].base == map[to].base + map[to].size)
			map[to].size += map[i].size;
		else
			map[++to] = map[i];
	return to + 1;
}

/* 7.4.6: the map changes as long as anything is called; with a stale key one tries again. */
UINT32 memory_leave(EFI_HANDLE image, struct start_memmap map[MAP_ENTRIES])
{
	EFI_STATUS status = EFI_INVALID_PARAMETER;
	UINT32 n = 0;

	for (UINT32 i = 0; i < TRIES && status == EFI_INVALID_PARAMETER; i++) {
		status = read_map();
		if (!EFI_ERROR(status))
			status = BS->ExitBootServices(image, map_key);
	}
	if (EFI_ERROR(status))
		return 0;
	for (UINTN i = 0; entry(i) && n < MAP_ENTRIES; i++)
		n = insert(map, n, entry(i));
	return join(map, n);
}

/*
 * The end of the firmware: what is handed over is put together, the map of memory last, and the
 * executive is entered.
 *
 * The executive starts its other cores in a page below 1 MiB (executive/x86_64/layout.h), so that
 * has to be free, too.
 */
#include "executive/x86_64/layout.h"
#include "loader/loader.h"

struct handed {
	struct start_info info;
	struct start_module modules[3];
	char names[3][START_NAME];
	struct start_screen screen;
	struct leave leave;
	struct start_memmap map[MAP_ENTRIES];
};

static void add(struct handed *h, const char *name, UINT64 base, UINT64 size)
{
	UINT32 n = h->info.modules_n++;

	CopyMem(h->names[n], (void *)name, strlena((const CHAR8 *)name) + 1);
	h->modules[n] = (struct start_module){base, size, (UINT64)h->names[n], 0};
}

static UINT64 find_rsdp(void)
{
	static EFI_GUID guids[] = {ACPI_20_TABLE_GUID, ACPI_TABLE_GUID};

	for (UINT32 g = 0; g < 2; g++)
		for (UINTN i = 0; i < ST->NumberOfTableEntries; i++)
			if (CompareGuid(&ST->ConfigurationTable[i].VendorGuid, &guids[g]) == 0)
				return (UINT64)ST->ConfigurationTable[i].VendorTable;
	return 0;
}

static bool place_is_free(const struct executive *e)
{
	if (!memory_is_free(e->place, e->stage.size))
		Print(L"moxie: the firmware keeps memory at %lx, where the executive belongs\n",
		      e->place);
	else if (!memory_is_free(TRAMPOLINE, EFI_PAGE_SIZE))
		Print(L"moxie: the firmware keeps the page at %x, where cores start\n", TRAMPOLINE);
	else
		return true;
	return false;
}

/* Not in our own image, which may stand above 4 GiB, or where the executive belongs. */
static void *place_code(void)
{
	UINT64 at = memory_pages((UINT64)(leave_end - leave), EfiLoaderCode);

	if (at)
		CopyMem((void *)at, leave, (UINTN)(leave_end - leave));
	return (void *)at;
}

static void fill(struct handed *h, const struct executive *e, const struct blob *bundle,
                 const struct blob *config)
{
	h->info = (struct start_info){.magic = START_MAGIC,
	                              .version = 1,
	                              .modules = (UINT64)h->modules,
	                              .rsdp = find_rsdp(),
	                              .memmap = (UINT64)h->map};
	add(h, "", bundle->base, bundle->size);
	if (config->base)
		add(h, START_CONFIG, config->base, config->size);
	if (screen_find(&h->screen))
		add(h, START_SCREEN, (UINT64)&h->screen, sizeof h->screen);
	h->leave = (struct leave){.place = (UINT32)e->place,
	                          .stage = (UINT32)e->stage.base,
	                          .words = (UINT32)(e->stage.size / 4),
	                          .entry = e->entry,
	                          .start_info = (UINT32)(UINT64)&h->info};
}

bool handover(EFI_HANDLE image, const struct executive *e, const struct blob *bundle,
              const struct blob *config)
{
	struct handed *h = (void *)memory_pages(sizeof *h, EfiLoaderData);
	void (*go)(struct leave *) __attribute__((sysv_abi)) = place_code();

	if (!h || !go) {
		Print(L"moxie: not enough memory\n");
		return false;
	}
	if (!place_is_free(e))
		return false;
	fill(h, e, bundle, config);
	Print(L"moxie: starting\n");
	h->info.memmap_n = memory_leave(image, h->map);
	if (h->info.memmap_n)
		go(&h->leave);
	/* The firmware has half gone and can show no message any more. */
	RT->ResetSystem(EfiResetCold, EFI_ABORTED, 0, NULL);
	return false;
}

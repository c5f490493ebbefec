/*
 * The loader, as a table of contents. What goes wrong stays on the screen for a while; then the
 * firmware tries what it would have tried without us.
 */
#include "loader/loader.h"

#define MIB            (1ull << 20)
#define EXECUTIVE_MOST (16 * MIB)
#define BUNDLE_MOST    (1024 * MIB)
#define CONFIG_MOST    MIB /* as by fw_cfg */
#define PATIENCE       30u /* s */
#define UNITS_PER_S    10000000ull

static bool load(EFI_HANDLE image)
{
	struct blob file, bundle, config;
	struct executive executive;

	if (!file_open_volume(image) ||
	    !file_read(L"\\moxie\\moxie.elf", EXECUTIVE_MOST, true, &file) ||
	    !elf_stage(&file, &executive) ||
	    !file_read(L"\\moxie\\bundle.cpio", BUNDLE_MOST, true, &bundle) ||
	    !file_read(L"\\moxie\\appliance.conf", CONFIG_MOST, false, &config))
		return false;
	if (!config.base)
		Print(L"moxie: no \\moxie\\appliance.conf: the bundle's configuration counts\n");
	return handover(image, &executive, &bundle, &config);
}

/* A key, or the end of patience. */
static void wait(void)
{
	EFI_EVENT events[2] = {ST->ConIn->WaitForKey};
	UINTN which;

	Print(L"moxie: press a key, or wait %d s\n", PATIENCE);
	if (BS->CreateEvent(EVT_TIMER, 0, NULL, NULL, &events[1]) != EFI_SUCCESS)
		return;
	BS->SetTimer(events[1], TimerRelative, PATIENCE * UNITS_PER_S);
	BS->WaitForEvent(2, events, &which);
	BS->CloseEvent(events[1]);
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
	InitializeLib(image, table);
	BS->SetWatchdogTimer(0, 0, 0, NULL);
	Print(L"moxie: loading\n");
	load(image);
	wait();
	return EFI_LOAD_ERROR;
}

/*
 * The screen: a linear framebuffer among the firmware's graphics outputs (UEFI 2.9, 12.9).
 *
 * What is written is grey, so both orders of colours will do. Outputs that can only be drawn on
 * by the firmware are of no use once it has gone.
 */
#include "loader/loader.h"

static bool use(const EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE *mode, struct start_screen *s)
{
	const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info = mode->Info;

	if (info->PixelFormat != PixelRedGreenBlueReserved8BitPerColor &&
	    info->PixelFormat != PixelBlueGreenRedReserved8BitPerColor)
		return false;
	*s = (struct start_screen){.base = mode->FrameBufferBase,
	                           .width = info->HorizontalResolution,
	                           .height = info->VerticalResolution,
	                           .pitch = info->PixelsPerScanLine * 4};
	return s->base && mode->FrameBufferSize >= (UINT64)s->pitch * s->height;
}

bool screen_find(struct start_screen *s)
{
	EFI_GRAPHICS_OUTPUT_PROTOCOL *output;
	EFI_HANDLE *handles;
	UINTN n;
	bool found = false;

	if (EFI_ERROR(BS->LocateHandleBuffer(ByProtocol, &gEfiGraphicsOutputProtocolGuid, NULL, &n,
	                                     &handles)))
		return false;
	for (UINTN i = 0; i < n && !found; i++)
		if (!EFI_ERROR(BS->HandleProtocol(handles[i], &gEfiGraphicsOutputProtocolGuid,
		                                  (void **)&output)))
			found = use(output->Mode, s);
	BS->FreePool(handles);
	return found;
}

/*
 * Files of the volume that the loader was read from: whole, into pages of their own.
 */
#include "loader/loader.h"

#define PIECE (4u << 20) /* bytes asked for at once */

static EFI_FILE_PROTOCOL *root;

bool file_open_volume(EFI_HANDLE image)
{
	EFI_LOADED_IMAGE_PROTOCOL *self;
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume;
	EFI_STATUS status;

	status = BS->HandleProtocol(image, &gEfiLoadedImageProtocolGuid, (void **)&self);
	if (!EFI_ERROR(status))
		status = BS->HandleProtocol(self->DeviceHandle, &gEfiSimpleFileSystemProtocolGuid,
		                            (void **)&volume);
	if (!EFI_ERROR(status))
		status = volume->OpenVolume(volume, &root);
	if (EFI_ERROR(status))
		Print(L"moxie: cannot open the volume this came from: %r\n", status);
	return !EFI_ERROR(status);
}

static EFI_STATUS size_of(EFI_FILE_PROTOCOL *file, UINT64 *size)
{
	static union {
		EFI_FILE_INFO info;
		UINT8 room[1024]; /* with a name of 255 characters */
	} u;
	UINTN n = sizeof u;
	EFI_STATUS status = file->GetInfo(file, &gEfiFileInfoGuid, &n, &u);

	*size = u.info.FileSize;
	if (!EFI_ERROR(status) && u.info.Attribute & EFI_FILE_DIRECTORY)
		return EFI_NOT_FOUND;
	return status;
}

static EFI_STATUS read_all(EFI_FILE_PROTOCOL *file, const struct blob *b)
{
	for (UINT64 at = 0; at < b->size;) {
		UINTN n = b->size - at < PIECE ? b->size - at : PIECE;
		EFI_STATUS status = file->Read(file, &n, (char *)b->base + at);

		if (EFI_ERROR(status))
			return status;
		if (n == 0)
			return EFI_END_OF_FILE;
		at += n;
	}
	return EFI_SUCCESS;
}

static bool refuse(const CHAR16 *path, const CHAR16 *why)
{
	Print(L"moxie: %s: %s\n", path, why);
	return false;
}

static bool take(EFI_FILE_PROTOCOL *file, const CHAR16 *path, UINT64 most, struct blob *b)
{
	EFI_STATUS status = size_of(file, &b->size);

	if (EFI_ERROR(status)) {
		Print(L"moxie: %s: %r\n", path, status);
		return false;
	}
	if (b->size == 0)
		return refuse(path, L"is empty");
	if (b->size > most) {
		Print(L"moxie: %s: has %ld bytes, more than %ld\n", path, b->size, most);
		return false;
	}
	b->base = memory_pages(b->size, EfiLoaderData);
	if (!b->base)
		return refuse(path, L"not enough memory for it");
	status = read_all(file, b);
	if (EFI_ERROR(status))
		Print(L"moxie: %s: cannot be read: %r\n", path, status);
	return !EFI_ERROR(status);
}

bool file_read(const CHAR16 *path, UINT64 most, bool must, struct blob *b)
{
	EFI_FILE_PROTOCOL *file;
	EFI_STATUS status = root->Open(root, &file, (CHAR16 *)path, EFI_FILE_MODE_READ, 0);
	bool ok;

	*b = (struct blob){0, 0};
	if (status == EFI_NOT_FOUND && !must)
		return true;
	if (EFI_ERROR(status)) {
		Print(L"moxie: %s: %r\n", path, status);
		return false;
	}
	ok = take(file, path, most, b);
	file->Close(file);
	return ok;
}

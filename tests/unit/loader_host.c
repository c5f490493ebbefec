/* See loader_host.h. */
#include <assert.h>
#include <stdarg.h>
#include <sanitizer/asan_interface.h>
#include <string.h>
#include <sys/mman.h>
#include "tests/unit/loader_host.h"

EFI_BOOT_SERVICES *BS;
EFI_SYSTEM_TABLE *ST;
EFI_RUNTIME_SERVICES *RT;
EFI_GUID gEfiLoadedImageProtocolGuid, gEfiSimpleFileSystemProtocolGuid, gEfiFileInfoGuid;

struct region host_map[MAP_MOST];
UINT32 host_map_n, host_stale;
UINT64 host_refuse;
char host_said[4096];
struct host_file host_file;

static EFI_BOOT_SERVICES services;
static EFI_FILE_PROTOCOL handle;

static void say(char c)
{
	size_t n = strlen(host_said);

	if (n + 1 < sizeof(host_said)) {
		host_said[n] = c;
		host_said[n + 1] = 0;
	}
}

/* Texts are said, of numbers nothing. */
UINTN Print(const CHAR16 *format, ...)
{
	va_list words;

	va_start(words, format);
	for (; *format; format++) {
		if (*format != '%') {
			say((char)*format);
		} else if (*++format == 's') {
			for (const CHAR16 *text = va_arg(words, const CHAR16 *); *text; text++)
				say((char)*text);
		} else if (*format == 'l' || *format == 'r') {
			(void)va_arg(words, UINT64);
			format += *format == 'l';
		} else {
			(void)va_arg(words, UINT32);
		}
	}
	va_end(words);
	return 0;
}

void SetMem(void *at, UINTN n, UINT8 v)
{
	memset(at, v, n);
}

void CopyMem(void *to, const void *from, UINTN n)
{
	memmove(to, from, n);
}

INTN CompareMem(const void *a, const void *b, UINTN n)
{
	return memcmp(a, b, n);
}

/* --- memory --- */

static EFI_STATUS EFIAPI get_map(UINTN *size, EFI_MEMORY_DESCRIPTOR *map, UINTN *key, UINTN *step,
                                 UINT32 *version)
{
	*step = sizeof *map + 8; /* as firmware has it: larger than the loader knows it */
	*version = 1;
	*key = 1;
	if (*size < host_map_n * *step)
		return EFI_BUFFER_TOO_SMALL;
	for (UINT32 i = 0; i < host_map_n; i++) {
		EFI_MEMORY_DESCRIPTOR d = {.Type = host_map[i].type,
		                           .PhysicalStart = host_map[i].base,
		                           .NumberOfPages = host_map[i].size / EFI_PAGE_SIZE};

		memcpy((char *)map + i * *step, &d, sizeof d);
	}
	*size = host_map_n * *step;
	return EFI_SUCCESS;
}

static void add(UINT32 type, UINT64 base, UINT64 size)
{
	if (!size)
		return;
	assert(host_map_n < MAP_MOST);
	host_map[host_map_n++] = (struct region){type, base, size};
}

void host_free(UINT64 base, UINT64 size)
{
	add(EfiConventionalMemory, base, size);
}

static EFI_STATUS EFIAPI allocate(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages,
                                  EFI_PHYSICAL_ADDRESS *at)
{
	UINT64 size = pages * EFI_PAGE_SIZE;

	assert(how == AllocateAddress);
	if (*at == host_refuse) {
		host_refuse = 0;
		return EFI_NOT_FOUND;
	}
	for (UINT32 i = 0; i < host_map_n; i++) {
		struct region r = host_map[i];

		if (r.type != EfiConventionalMemory || *at < r.base || *at + size > r.base + r.size)
			continue;
		host_map[i] = (struct region){type, *at, size};
		host_free(r.base, *at - r.base);
		host_free(*at + size, r.base + r.size - *at - size);
		if (*at >= HOST_BASE && *at + size <= HOST_BASE + HOST_SIZE)
			ASAN_UNPOISON_MEMORY_REGION((void *)*at, size);
		return EFI_SUCCESS;
	}
	return EFI_NOT_FOUND;
}

static EFI_STATUS EFIAPI leave_services(EFI_HANDLE image, UINTN key)
{
	(void)image;
	(void)key;
	if (!host_stale)
		return EFI_SUCCESS;
	host_stale--;
	return EFI_INVALID_PARAMETER;
}

/* --- the volume --- */

static EFI_STATUS EFIAPI open_file(struct _EFI_FILE_HANDLE *root, struct _EFI_FILE_HANDLE **file,
                                   CHAR16 *name, UINT64 mode, UINT64 attributes)
{
	(void)root;
	(void)name;
	(void)mode;
	(void)attributes;
	host_file.at = 0;
	*file = &handle;
	return host_file.open;
}

static EFI_STATUS EFIAPI close_file(struct _EFI_FILE_HANDLE *file)
{
	(void)file;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI read_file(struct _EFI_FILE_HANDLE *file, UINTN *n, void *to)
{
	UINT64 left = host_file.size - host_file.at;

	(void)file;
	if (!host_file.read)
		return EFI_DEVICE_ERROR;
	left = left < host_file.read ? left : host_file.read;
	*n = *n < left ? *n : left;
	memcpy(to, (const char *)host_file.bytes + host_file.at, *n);
	host_file.at += *n;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI file_info(struct _EFI_FILE_HANDLE *file, EFI_GUID *kind, UINTN *n,
                                   void *to)
{
	EFI_FILE_INFO info = {.FileSize = host_file.size, .Attribute = host_file.attribute};

	(void)file;
	(void)kind;
	*n = sizeof info;
	memcpy(to, &info, sizeof info);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI open_volume(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *volume,
                                     struct _EFI_FILE_HANDLE **root)
{
	(void)volume;
	*root = &handle;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI find(EFI_HANDLE device, EFI_GUID *kind, void **found)
{
	static EFI_LOADED_IMAGE_PROTOCOL image;
	static EFI_SIMPLE_FILE_SYSTEM_PROTOCOL volume = {.OpenVolume = open_volume};

	(void)device;
	*found = kind == &gEfiLoadedImageProtocolGuid ? (void *)&image : (void *)&volume;
	return EFI_SUCCESS;
}

void host_reset(void)
{
	static void *memory;

	if (!memory)
		memory = mmap((void *)HOST_BASE, HOST_SIZE, PROT_READ | PROT_WRITE,
		              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1,
		              0);
	assert(memory == (void *)HOST_BASE);
	ASAN_POISON_MEMORY_REGION(memory, HOST_SIZE);
	services = (EFI_BOOT_SERVICES){.GetMemoryMap = get_map,
	                               .AllocatePages = allocate,
	                               .ExitBootServices = leave_services,
	                               .HandleProtocol = find};
	handle = (EFI_FILE_PROTOCOL){
	        .Open = open_file, .Close = close_file, .Read = read_file, .GetInfo = file_info};
	BS = &services;
	host_map_n = host_stale = 0;
	host_refuse = 0;
	host_said[0] = 0;
	host_file = (struct host_file){.read = UINT64_MAX};
	forbidden = forbidden_end = 0;
	assert(file_open_volume(NULL));
}

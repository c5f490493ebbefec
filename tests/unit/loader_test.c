/*
 * The UEFI loader's parsers: files of every kind, images that are right, damaged and random, memory
 * maps of every order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <elf.h>
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/loader_host.h"

#define PAGE   0x1000ull
#define PLACE  0x100000ull /* of the executive, as its image says */
#define ENTRY  0x100018u
#define MOST   65536u
#define ROUNDS 200000u

static uint64_t random_state;

static uint32_t dice(uint32_t n)
{
	random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(random_state >> 33) % n;
}

static int setup(void **state)
{
	(void)state;
	random_state = 1;
	host_reset();
	host_free(HOST_BASE, HOST_SIZE);
	return 0;
}

/* --- files --- */

static bool read(bool must, struct blob *b)
{
	return file_read(L"x", MOST, must, b);
}

static void test_file(void **state)
{
	struct blob b;
	char *bytes = malloc(MOST);

	(void)state;
	for (uint32_t i = 0; i < MOST; i++)
		bytes[i] = (char)dice(256);
	for (uint32_t i = 0; i < 3; i++) { /* whole, or by pieces of whatever size */
		host_file =
		        (struct host_file){.bytes = bytes, .size = MOST - i, .read = i * 999 + 1};
		assert_true(read(true, &b));
		assert_int_equal(b.size, MOST - i);
		assert_memory_equal((void *)b.base, bytes, b.size);
	}
	assert_string_equal(host_said, "");
	free(bytes);
}

static void test_file_missing(void **state)
{
	struct blob b = {1, 1};

	(void)state;
	host_file.open = EFI_NOT_FOUND;
	assert_true(read(false, &b));
	assert_true(b.base == 0 && b.size == 0);
	assert_string_equal(host_said, "");
	assert_false(read(true, &b));
	assert_non_null(strstr(host_said, "moxie: x: \n"));
	host_file.open = EFI_DEVICE_ERROR;
	assert_false(read(false, &b));
}

/* Each is refused, and said. */
static void test_file_refused(void **state)
{
	static const struct {
		struct host_file file;
		const char *why;
	} cases[] = {{{.size = 0, .read = 1}, "is empty"},
	             {{.size = MOST + 1, .read = 1}, "x: has  bytes, more than"},
	             {{.size = UINT64_MAX, .read = 1}, "x: has  bytes, more than"},
	             {{.size = 100, .read = 1, .attribute = EFI_FILE_DIRECTORY}, "x: \n"},
	             {{.size = 100, .read = 0}, "cannot be read"}};
	struct blob b;

	(void)state;
	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		host_said[0] = 0;
		host_file = cases[i].file;
		assert_false(read(false, &b));
		assert_non_null(strstr(host_said, cases[i].why));
	}
	host_reset(); /* no memory at all */
	host_file = (struct host_file){.bytes = "", .size = 1, .read = 1};
	assert_false(read(true, &b));
	assert_non_null(strstr(host_said, "x: not enough memory for it"));
}

/* --- memory --- */

static void test_lowest_pages(void **state)
{
	UINT64 at;

	(void)state;
	host_map_n = 0;
	host_free(HOST_BASE + 64 * PAGE, 64 * PAGE);
	host_free(HOST_BASE, 4 * PAGE);
	host_free(HOST_BASE + 8 * PAGE, 16 * PAGE);
	host_map[host_map_n++] =
	        (struct region){EfiBootServicesData, HOST_BASE + 4 * PAGE, 4 * PAGE};
	assert_int_equal(memory_pages(5 * PAGE, EfiLoaderData), HOST_BASE + 8 * PAGE);
	assert_int_equal(memory_pages(4 * PAGE - 1, EfiLoaderData), HOST_BASE);
	host_refuse = HOST_BASE + 13 * PAGE; /* the firmware has taken it since: once more */
	at = memory_pages(1, EfiLoaderData);
	assert_int_equal(at, HOST_BASE + 13 * PAGE);
	for (UINT64 i = 0; i < PAGE; i++)
		assert_int_equal(((char *)at)[i], 0);
	assert_int_equal(memory_pages(65 * PAGE, EfiLoaderData), 0);
}

/* Neither below 1 MiB, nor above 4 GiB, nor where the executive belongs. */
static void test_no_such_pages(void **state)
{
	(void)state;
	host_map_n = 0;
	host_free(0x8000, 0x98000);
	host_free(1ull << 32, 1ull << 32);
	assert_int_equal(memory_pages(PAGE, EfiLoaderData), 0);
	forbidden = HOST_BASE + PAGE;
	forbidden_end = HOST_BASE + 2 * PAGE + 1;
	host_free(HOST_BASE, 8 * PAGE);
	assert_int_equal(memory_pages(2 * PAGE, EfiLoaderData), HOST_BASE + 3 * PAGE);
	assert_int_equal(memory_pages(PAGE, EfiLoaderData), HOST_BASE);
	assert_int_equal(memory_pages(4 * PAGE, EfiLoaderData), 0);
}

static UINT32 kind(UINT32 type)
{
	static const UINT32 kinds[EfiMaxMemoryType] = {[EfiReservedMemoryType] = START_RESERVED,
	                                               [EfiLoaderCode] = START_RAM,
	                                               [EfiLoaderData] = START_RAM,
	                                               [EfiBootServicesCode] = START_RAM,
	                                               [EfiBootServicesData] = START_RAM,
	                                               [EfiRuntimeServicesCode] = START_RESERVED,
	                                               [EfiRuntimeServicesData] = START_RESERVED,
	                                               [EfiConventionalMemory] = START_RAM,
	                                               [EfiUnusableMemory] = START_UNUSABLE,
	                                               [EfiACPIReclaimMemory] = START_ACPI,
	                                               [EfiACPIMemoryNVS] = START_NVS,
	                                               [EfiMemoryMappedIO] = START_RESERVED,
	                                               [EfiMemoryMappedIOPortSpace] =
	                                                       START_RESERVED,
	                                               [EfiPalCode] = START_RESERVED};

	return type < EfiMaxMemoryType ? kinds[type] : START_RESERVED;
}

/* Ranges of random kinds, some apart, in random order: page by page the same, sorted, and no two
   could be one. */
static void check_random_map(void)
{
	static struct start_memmap map[MAP_ENTRIES];
	static uint8_t wanted[0x10000];
	UINT64 page = 0;
	UINT32 n;

	host_map_n = 0;
	memset(wanted, 0, sizeof wanted);
	for (UINT32 left = dice(MAP_ENTRIES) + 1; left && page < 0xff00; left--) {
		UINT32 size = dice(100) + 1, type = dice(EfiMaxMemoryType + 3);

		memset(wanted + page, (int)kind(type), size);
		host_map[host_map_n++] = (struct region){type, page * PAGE, size * PAGE};
		page += size + (dice(3) ? 0 : dice(50));
	}
	for (UINT32 i = host_map_n; i-- > 1;) {
		UINT32 j = dice(i + 1);
		struct region r = host_map[i];

		host_map[i] = host_map[j];
		host_map[j] = r;
	}
	host_stale = dice(3);
	n = memory_leave(NULL, map);
	assert_in_range(n, 1, host_map_n);
	for (UINT32 i = 0; i < n; i++) {
		assert_true(!i || map[i].base > map[i - 1].base + map[i - 1].size ||
		            (map[i].base == map[i - 1].base + map[i - 1].size &&
		             map[i].type != map[i - 1].type));
		for (UINT64 p = map[i].base / PAGE; p < (map[i].base + map[i].size) / PAGE; p++) {
			assert_int_equal(wanted[p], map[i].type);
			wanted[p] = 0;
		}
	}
	for (UINT32 p = 0; p < sizeof wanted; p++)
		assert_int_equal(wanted[p], 0);
}

static void test_maps(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 50; i++)
		check_random_map();
	host_stale = UINT32_MAX;
	assert_int_equal(memory_leave(NULL, (struct start_memmap[MAP_ENTRIES]){{0}}), 0);
}

static void test_is_free(void **state)
{
	(void)state;
	host_map_n = 0;
	host_free(0x8000, 0x4000);
	host_map[host_map_n++] = (struct region){EfiBootServicesCode, 0x4000, 0x4000};
	host_map[host_map_n++] = (struct region){EfiRuntimeServicesData, 0xc000, 0x1000};
	assert_true(memory_is_free(0x4000, 0x8000));
	assert_true(memory_is_free(0x7fff, 2));
	assert_false(memory_is_free(0x8000, 0x4001));
	assert_false(memory_is_free(0x3fff, 2));
}

/* --- the executive's image --- */

struct image {
	Elf64_Ehdr head;
	Elf64_Phdr segments[3];
	struct {
		Elf64_Nhdr head;
		char name[4];
		UINT32 entry, none;
	} note;
	char text[100];
};

static struct image sound(void)
{
	struct image i = {.head = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB},
	                           .e_machine = EM_X86_64,
	                           .e_phoff = offsetof(struct image, segments),
	                           .e_phentsize = sizeof(Elf64_Phdr),
	                           .e_phnum = 3},
	                  .note = {{4, 8, START_PHYS_ENTRY}, "Xen", ENTRY, 0}};

	for (uint32_t k = 0; k < sizeof i.text; k++)
		i.text[k] = (char)(k + 1);
	i.segments[0] = (Elf64_Phdr){.p_type = PT_LOAD,
	                             .p_offset = offsetof(struct image, text),
	                             .p_paddr = PLACE + 16,
	                             .p_filesz = 100,
	                             .p_memsz = 200};
	i.segments[1] = (Elf64_Phdr){
	        .p_type = PT_LOAD, .p_paddr = PLACE + 2 * PAGE, .p_filesz = 0, .p_memsz = 10};
	i.segments[2] = (Elf64_Phdr){.p_type = PT_NOTE,
	                             .p_offset = offsetof(struct image, note),
	                             .p_paddr = PLACE,
	                             .p_filesz = sizeof i.note,
	                             .p_memsz = sizeof i.note};
	return i;
}

/* In memory of its own, which ends where the file does. */
static bool stage(const void *image, size_t n, struct executive *e)
{
	void *copy = aligned_alloc(8, (n + 7) & ~7ull);
	bool ok;

	memcpy(copy, image, n);
	ASAN_POISON_MEMORY_REGION((char *)copy + n, ((n + 7) & ~7ull) - n);
	ok = elf_stage(&(struct blob){(UINT64)copy, n}, e);
	ASAN_UNPOISON_MEMORY_REGION(copy, (n + 7) & ~7ull);
	free(copy);
	return ok;
}

static void test_image(void **state)
{
	struct image i = sound();
	struct executive e;
	const char *at;

	(void)state;
	assert_true(stage(&i, sizeof i, &e));
	assert_int_equal(e.place, PLACE);
	assert_int_equal(e.entry, ENTRY);
	assert_int_equal(e.stage.size, 2 * PAGE + 12);
	at = (const char *)e.stage.base;
	for (uint32_t k = 0; k < e.stage.size; k++)
		assert_int_equal(at[k], k >= 16 && k < 116 ? i.text[k - 16] : 0);
	assert_true(forbidden == PLACE && forbidden_end == PLACE + 2 * PAGE + 10);
	assert_string_equal(host_said, "");
}

#define REFUSED(change)                                                                            \
	do {                                                                                       \
		struct image i = sound();                                                          \
		struct executive e;                                                                \
                                                                                                   \
		host_said[0] = 0;                                                                  \
		change;                                                                            \
		assert_false(stage(&i, sizeof i, &e));                                             \
		assert_ptr_equal(strstr(host_said, "moxie: \\moxie\\moxie.elf: is "), host_said);  \
	} while (0)

static void test_image_refused(void **state)
{
	(void)state;
	REFUSED(i.head.e_ident[0] = 0);
	REFUSED(i.head.e_ident[EI_CLASS] = ELFCLASS32);
	REFUSED(i.head.e_machine = EM_386);
	REFUSED(i.head.e_phentsize = 32);
	REFUSED(i.head.e_phoff = UINT64_MAX - 7);
	REFUSED(i.head.e_phoff += 4);
	REFUSED(i.head.e_phnum = 0);
	REFUSED(i.head.e_phnum = 0xffff);
	REFUSED(i.segments[0].p_filesz = 105);
	REFUSED(i.segments[0].p_offset = UINT64_MAX);
	REFUSED(i.segments[0].p_memsz = 99);
	REFUSED(i.segments[0].p_paddr = UINT32_MAX);
	REFUSED(i.segments[1].p_memsz = 65ull << 20);
	REFUSED(i.segments[2].p_type = PT_NULL);
	REFUSED(i.segments[2].p_filesz = 20);
	/* A domain's image: loaded at 0, where what was not found would be inside. */
	REFUSED(i.segments[0].p_paddr = 0; i.segments[2].p_type = PT_NULL);
	REFUSED(i.note.head.n_type = 17);
	REFUSED(i.note.name[0] = 'x');
	REFUSED(i.note.head.n_namesz = UINT32_MAX);
	REFUSED(i.note.head.n_descsz = 12);
	REFUSED(i.note.entry = PLACE - 1);
	REFUSED(i.note.entry = PLACE + 2 * PAGE + 10);
	REFUSED(i.note.none = 1); /* above 4 GiB */
}

/* Bytes of a sound image made others, and images cut short: refused, or all it says holds. */
static void test_random_images(void **state)
{
	uint32_t taken = 0;

	for (uint32_t round = 0; round < ROUNDS; round++) {
		struct image i = sound();
		struct executive e;
		size_t n = dice(4) ? sizeof i : dice(sizeof i) + 1;

		for (uint32_t k = dice(4); k-- > 0;) {
			static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};

			((uint8_t *)&i)[dice(sizeof i)] =
			        dice(2) ? values[dice(sizeof values)] : (uint8_t)dice(256);
		}
		if (round % 64 == 0)
			setup(state);
		host_said[0] = 0;
		if (!stage(&i, n, &e)) {
			assert_int_equal(strncmp(host_said, "moxie: ", 7), 0);
			continue;
		}
		taken++;
		assert_true(e.entry >= e.place && e.entry < e.place + e.stage.size);
		assert_true(e.place + e.stage.size <= (1ull << 32) + 3 && e.stage.size % 4 == 0);
		assert_true(forbidden == e.place && forbidden_end <= e.place + e.stage.size);
	}
	assert_true(taken > ROUNDS / 10 && taken < ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_file, setup),
	        cmocka_unit_test_setup(test_file_missing, setup),
	        cmocka_unit_test_setup(test_file_refused, setup),
	        cmocka_unit_test_setup(test_lowest_pages, setup),
	        cmocka_unit_test_setup(test_no_such_pages, setup),
	        cmocka_unit_test_setup(test_maps, setup),
	        cmocka_unit_test_setup(test_is_free, setup),
	        cmocka_unit_test_setup(test_image, setup),
	        cmocka_unit_test_setup(test_image_refused, setup),
	        cmocka_unit_test_setup(test_random_images, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

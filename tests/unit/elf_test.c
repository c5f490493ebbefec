/* Pages of an image: as the file says, whatever stood there; and code that stands there is not
 * written. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>
#include <moxie/abi.h>
#include "executive/elf.h"

#define CODE  5000u /* bytes: a page, and part of one */
#define DATA  100u
#define PAGES 4u /* of the image: two of code, two of data, the second of them zeroes */

static _Alignas(8) uint8_t image[4 * MX_PAGE];
static uint8_t *page;

static void put_segment(uint32_t i, uint32_t flags, uint64_t at, uint64_t filesz, uint64_t memsz)
{
	Elf64_Phdr p = {.p_type = PT_LOAD,
	                .p_flags = flags,
	                .p_offset = MX_PAGE + at,
	                .p_vaddr = at,
	                .p_filesz = filesz,
	                .p_memsz = memsz};

	memcpy(image + sizeof(Elf64_Ehdr) + i * sizeof p, &p, sizeof p);
}

static int start(void **state)
{
	Elf64_Ehdr h = {.e_ident = ELFMAG,
	                .e_type = ET_DYN,
	                .e_machine = EM_X86_64,
	                .e_entry = 8,
	                .e_phoff = sizeof h,
	                .e_phentsize = sizeof(Elf64_Phdr),
	                .e_phnum = 2};

	(void)state;
	h.e_ident[EI_CLASS] = ELFCLASS64;
	h.e_ident[EI_DATA] = ELFDATA2LSB;
	for (uint32_t i = 0; i < sizeof image; i++)
		image[i] = (uint8_t)(i * 7 + (i >> 8) + 1);
	memcpy(image, &h, sizeof h);
	put_segment(0, PF_R | PF_X, 0, CODE, CODE);
	put_segment(1, PF_R | PF_W, 2ull * MX_PAGE, DATA, MX_PAGE + DATA);
	page = mmap(NULL, MX_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return page == MAP_FAILED;
}

static int end(void **state)
{
	(void)state;
	return munmap(page, MX_PAGE);
}

static void assert_page(uint32_t i)
{
	static const uint32_t bytes[PAGES] = {MX_PAGE, CODE - MX_PAGE, DATA, 0};

	assert_memory_equal(page, image + (i + 1) * MX_PAGE, bytes[i]);
	for (uint32_t k = bytes[i]; k < MX_PAGE; k++)
		assert_int_equal(page[k], 0);
}

static void filled(void **state)
{
	(void)state;
	assert_int_equal(elf_size(image, sizeof image), PAGES);
	for (uint32_t i = 0; i < PAGES; i++) {
		memset(page, 0xdb, MX_PAGE);
		assert_int_equal(elf_page(image, i, page), i < 2 ? EXECUTE : WRITE);
		assert_page(i);
	}
}

static void code_left_alone(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		elf_page(image, i, page);
		assert_int_equal(mprotect(page, MX_PAGE, PROT_READ), 0);
		assert_int_equal(elf_page(image, i, page), EXECUTE); /* a fault, if it writes */
		assert_int_equal(mprotect(page, MX_PAGE, PROT_READ | PROT_WRITE), 0);
	}
}

/* Wherever it differs: in the first byte, in the last, behind what the file has. */
static void code_put_right(void **state)
{
	static const uint32_t places[] = {0, CODE - MX_PAGE, MX_PAGE - 1};

	(void)state;
	for (uint32_t i = 0; i < 2; i++)
		for (uint32_t k = 0; k < sizeof places / sizeof *places; k++) {
			elf_page(image, i, page);
			page[places[k]] ^= 1;
			elf_page(image, i, page);
			assert_page(i);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(filled, start, end),
	        cmocka_unit_test_setup_teardown(code_left_alone, start, end),
	        cmocka_unit_test_setup_teardown(code_put_right, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

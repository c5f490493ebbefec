/* init/kept.c: what a child leaves to its successor. */
#include <elf.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include "tests/unit/init_plan.h"

/* An image of sections only: names, and one of `size` bytes at `address` called `name`. */
static struct child *with_section(const char *name, uint64_t address, uint64_t size)
{
	static struct {
		Elf64_Ehdr e;
		Elf64_Shdr s[2];
		char names[16];
	} file;
	static struct child c;

	memset(&file, 0, sizeof file);
	file.e = (Elf64_Ehdr){.e_shoff = offsetof(__typeof__(file), s), .e_shnum = 2};
	file.s[0].sh_offset = offsetof(__typeof__(file), names);
	file.s[1] = (Elf64_Shdr){.sh_name = 1, .sh_addr = address, .sh_size = size};
	strcpy(file.names + 1, name);
	boot.bundle = (struct mx_region){&file, sizeof file, 0};
	memset(&c, 0, sizeof c);
	c.request.image_len = sizeof file;
	return &c;
}

/* Whole pages around the section; of a file that is cut anywhere, nothing. */
static void test_kept(void **state)
{
	struct child *c = with_section("mx_kept", 0x5ff8, 16);
	Elf64_Ehdr *e = boot.bundle.base;

	(void)state;
	kept_find(c);
	assert_int_equal(c->request.keep.first, 5);
	assert_int_equal(c->request.keep.pages, 2);
	kept_find(with_section("mx_keep", 0x5000, 16));
	assert_int_equal(c->request.keep.pages, 0);
	kept_find(with_section("mx_kept", 0x5000, 0));
	assert_int_equal(c->request.keep.pages, 0);
	kept_find(with_section("mx_kept", 0x5001, MX_KEEP_MAX * MX_PAGE));
	assert_int_equal(c->request.keep.pages, 0);
	kept_find(with_section("mx_kept", UINT64_MAX - 8, 16));
	assert_int_equal(c->request.keep.pages, 0);
	for (uint32_t length = 0; length < boot.bundle.size; length++) {
		with_section("mx_kept", 0x5ff8, 16)->request.image_len = length;
		kept_find(c);
		assert_int_equal(c->request.keep.pages, length < boot.bundle.size - 7 ? 0 : 2);
	}
	with_section("mx_kept", 0x5ff8, 16);
	e->e_shoff = UINT64_MAX - 8;
	kept_find(c);
	assert_int_equal(c->request.keep.pages, 0);
	with_section("mx_kept", 0x5ff8, 16);
	e->e_shstrndx = 7;
	kept_find(c);
	assert_int_equal(c->request.keep.pages, 0);
}

/* The next one is the heir, but for one that comes after several quick ends. */
static void test_heirs(void **state)
{
	struct child *c = with_section("mx_kept", 0x5000, 16);

	(void)state;
	kept_find(c);
	c->handle = 7;
	kept_offer(c, 1);
	assert_int_equal(c->request.keep.heir, 7);
	assert_true(kept_refuse(c));
	assert_int_equal(c->request.keep.heir, 0);
	assert_false(kept_refuse(c));
	forgotten = 0;
	kept_offer(c, 3);
	assert_int_equal(c->request.keep.heir, 0);
	assert_int_equal(forgotten, 7);
	c->request.keep.pages = 0;
	kept_offer(c, 1);
	assert_int_equal(c->request.keep.heir, 0);
}

int init_kept_tests(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_kept),
	        cmocka_unit_test(test_heirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

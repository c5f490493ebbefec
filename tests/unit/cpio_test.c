/*
 * lib/cpio.c against archives that are right, cut at every byte, and hostile.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include <moxie/cpio.h>

static char archive[4096];
static size_t used;

/* One entry with the sizes as given, which need not be those of name and data. */
static void put(const char *name, uint32_t name_size, unsigned mode, const void *data,
                uint32_t data_size, uint32_t data_len)
{
	used += (size_t)sprintf(archive + used,
	                        "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1,
	                        mode, 0, 0, 1, 0x1234abcd, data_size, 0, 0, 0, 0, name_size, 0);
	memcpy(archive + used, name, strlen(name) + 1);
	used += strlen(name) + 1;
	while (used % 4)
		archive[used++] = 0;
	memcpy(archive + used, data, data_len);
	used += data_len;
	while (used % 4)
		archive[used++] = 0;
}

static void put_file(const char *name, const char *data)
{
	put(name, (uint32_t)strlen(name) + 1, 0100644, data, (uint32_t)strlen(data),
	    (uint32_t)strlen(data));
}

static int setup(void **state)
{
	(void)state;
	memset(archive, 0, sizeof archive);
	used = 0;
	return 0;
}

/* Walks a copy of exactly `size` bytes, so that ASan sees each byte too far. */
static uint32_t walk(size_t size, uint64_t *at)
{
	char *copy = malloc(size ? size : 1);
	struct mx_cpio_entry entry;
	uint32_t n = 0;

	memcpy(copy, archive, size);
	*at = 0;
	while (mx_cpio_next(copy, size, at, &entry)) {
		assert_true(entry.offset % 4 == 0);
		assert_true(entry.size == 0 || entry.offset + entry.size <= size);
		assert_int_equal(strlen(entry.name), entry.name_len);
		n++;
	}
	free(copy);
	return n;
}

static void test_walk(void **state)
{
	struct mx_cpio_entry entry;
	uint64_t at;

	(void)state;
	put("www", 4, 040755, "", 0, 0);
	put_file("./www/index.html", "hello");
	put_file("/config/a.conf", "");
	put_file("TRAILER!!!", "");
	assert_int_equal(walk(used, &at), 3);
	assert_true(at != MX_CPIO_BAD);
	assert_true(mx_cpio_find(archive, used, "www/index.html", &entry));
	assert_int_equal(entry.size, 5);
	assert_int_equal(entry.mode, 0100644);
	assert_int_equal(entry.mtime, 0x1234abcd);
	assert_memory_equal(archive + entry.offset, "hello", 5);
	assert_true(mx_cpio_find(archive, used, "config/a.conf", &entry));
	assert_false(mx_cpio_find(archive, used, "config/a.con", &entry));
	assert_false(mx_cpio_find(archive, used, "config/a.confx", &entry));
	/* A folder is no file. */
	assert_false(mx_cpio_find(archive, used, "www", &entry));
}

static void test_cut_anywhere(void **state)
{
	size_t trailer;
	uint64_t at;

	(void)state;
	put_file("one", "first");
	put_file("two", "second one");
	trailer = used + 110 + sizeof "TRAILER!!!";
	put_file("TRAILER!!!", "");
	for (size_t size = 0; size < trailer; size++) {
		walk(size, &at);
		assert_true(at == MX_CPIO_BAD);
	}
	assert_int_equal(walk(trailer, &at), 2);
	assert_true(at != MX_CPIO_BAD);
}

static void test_every_byte_wrong(void **state)
{
	uint64_t at;

	(void)state;
	put_file("one", "first");
	put_file("TRAILER!!!", "");
	for (size_t i = 0; i < used; i++) {
		char old = archive[i];

		for (unsigned v = 0; v < 256; v++) {
			archive[i] = (char)v;
			walk(used, &at);
		}
		archive[i] = old;
	}
}

static void refuse(void)
{
	uint64_t at;

	put_file("TRAILER!!!", "");
	assert_int_equal(walk(used, &at), 0);
	assert_true(at == MX_CPIO_BAD);
}

static void test_bad_magic(void **state)
{
	(void)state;
	put_file("one", "");
	archive[5] = '2'; /* 070702 has checksums nobody verified */
	refuse();
}

static void test_bad_digit(void **state)
{
	(void)state;
	put_file("one", "");
	archive[54] = '-';
	refuse();
}

static void test_size_too_large(void **state)
{
	(void)state;
	put("one", 4, 0100644, "data", 0xffffffff, 4);
	refuse();
}

static void test_size_one_too_large(void **state)
{
	uint64_t at;

	(void)state;
	put("one", 4, 0100644, "data", 5, 4);
	assert_int_equal(walk(used, &at), 0);
	assert_true(at == MX_CPIO_BAD);
}

static void test_name_size_too_large(void **state)
{
	(void)state;
	put("one", 0xffffffff, 0100644, "", 0, 0);
	refuse();
}

static void test_name_size_zero(void **state)
{
	(void)state;
	put("one", 0, 0100644, "", 0, 0);
	refuse();
}

static void test_name_without_nul(void **state)
{
	(void)state;
	put("one", 3, 0100644, "", 0, 0);
	refuse();
}

static void test_name_with_inner_nul(void **state)
{
	(void)state;
	put("o", 4, 0100644, "", 0, 0);
	refuse();
}

static void test_bad_stays_bad(void **state)
{
	uint64_t at = MX_CPIO_BAD;
	struct mx_cpio_entry entry;

	(void)state;
	put_file("one", "");
	assert_false(mx_cpio_next(archive, used, &at, &entry));
	at = used + 1000; /* a cursor behind the end */
	assert_false(mx_cpio_next(archive, used, &at, &entry));
	assert_true(at == MX_CPIO_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_walk, setup),
	        cmocka_unit_test_setup(test_cut_anywhere, setup),
	        cmocka_unit_test_setup(test_every_byte_wrong, setup),
	        cmocka_unit_test_setup(test_bad_magic, setup),
	        cmocka_unit_test_setup(test_bad_digit, setup),
	        cmocka_unit_test_setup(test_size_too_large, setup),
	        cmocka_unit_test_setup(test_size_one_too_large, setup),
	        cmocka_unit_test_setup(test_name_size_too_large, setup),
	        cmocka_unit_test_setup(test_name_size_zero, setup),
	        cmocka_unit_test_setup(test_name_without_nul, setup),
	        cmocka_unit_test_setup(test_name_with_inner_nul, setup),
	        cmocka_unit_test_setup(test_bad_stays_bad, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

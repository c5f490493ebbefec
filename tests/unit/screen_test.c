/*
 * lib/screen.c on framebuffers of many sizes, whose ends the address sanitizer watches. The font is
 * the test's: each line of a letter's picture is the letter's own number, so what stands on the
 * screen can be read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <moxie/screen.h>

#define COLOUR    0xabcdefu
#define UNTOUCHED 0x5a5a5a5au

#define L1(c)                                                                                      \
	{                                                                                          \
		c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c                                     \
	}
#define L4(c)  L1(c), L1(c + 1), L1(c + 2), L1(c + 3)
#define L16(c) L4(c), L4(c + 4), L4(c + 8), L4(c + 12)
extern const uint8_t mx_font[95][16];
const uint8_t mx_font[95][16] = {L16(0x20), L16(0x30), L16(0x40), L16(0x50), L16(0x60), L4(0x70),
                                 L4(0x74),  L4(0x78),  L1(0x7c),  L1(0x7d),  L1(0x7e)};

static struct mx_screen screen;
static uint32_t *pixels;
static struct mx_screen_info info;

/* Exactly as many pixels as a framebuffer of that size has. */
static bool opened(uint32_t width, uint32_t height, uint32_t pitch, uint32_t first, uint32_t last)
{
	size_t n = (size_t)pitch / 4 * height;

	free(pixels);
	pixels = malloc(n * 4 + 1); /* never NULL */
	assert_non_null(pixels);
	for (size_t i = 0; i < n; i++)
		pixels[i] = UNTOUCHED;
	info = (struct mx_screen_info){width, height, pitch};
	return mx_screen_open(&screen, pixels, &info, first, last, COLOUR);
}

static int discard(void **state)
{
	(void)state;
	free(pixels);
	pixels = NULL;
	return 0;
}

static void put(const char *text)
{
	while (*text)
		mx_screen_put(&screen, *text++);
}

static uint32_t pixel(uint32_t x, uint32_t y)
{
	return pixels[y * (info.pitch / 4) + x];
}

/* The letter in a cell, ' ' where it is blank; all its lines must agree. */
static char cell(uint32_t row, uint32_t column)
{
	uint32_t letter = 0;

	for (uint32_t y = 0; y < 16; y++) {
		uint32_t line = 0;

		for (uint32_t x = 0; x < 8; x++) {
			uint32_t p = pixel(column * 8 + x, row * 16 + y);

			assert_true(p == 0 || p == COLOUR);
			line = line << 1 | (p == COLOUR);
		}
		assert_true(y == 0 || line == letter);
		letter = line;
	}
	return letter ? (char)letter : ' ';
}

static void expect_row(uint32_t row, const char *text)
{
	for (uint32_t c = 0; c < info.width / 8; c++)
		assert_int_equal(cell(row, c), c < strlen(text) ? text[c] : ' ');
}

/* Nothing but the cells of lines [first, last) was ever written. */
static void expect_rest_untouched(uint32_t first, uint32_t last)
{
	for (uint32_t y = 0; y < info.height; y++)
		for (uint32_t x = 0; x < info.pitch / 4; x++)
			if (x >= info.width / 8 * 8 || y < first * 16 || y >= last * 16)
				assert_int_equal(pixel(x, y), UNTOUCHED);
}

static void test_letters(void **state)
{
	(void)state;
	assert_true(opened(80, 64, 320, 0, 4));
	put("moxie: ~!");
	expect_row(0, "moxie: ~!");
	for (uint32_t row = 1; row < 4; row++)
		expect_row(row, "");
}

/* A line that is full goes on in the next; exactly full it does not yet. */
static void test_wrap(void **state)
{
	(void)state;
	assert_true(opened(40, 64, 160, 0, 4));
	put("abcde");
	assert_int_equal(screen.row, 0);
	put("fg\nh");
	expect_row(0, "abcde");
	expect_row(1, "fg");
	expect_row(2, "h");
}

/* The line after the last is the first; the one behind the newest is blank. */
static void test_round(void **state)
{
	(void)state;
	assert_true(opened(40, 16 * 6, 160, 2, 6));
	put("1\n2\n3\n4");
	expect_row(2, ""); /* it was the oldest */
	expect_row(5, "4");
	put("\n5");
	expect_row(2, "5");
	expect_row(3, "");
	expect_row(4, "3");
	expect_rest_untouched(2, 6);
}

static void test_control(void **state)
{
	(void)state;
	assert_true(opened(64, 32, 256, 0, 2));
	put("\b\rab\bc\rd"); /* left of the first column is nothing */
	expect_row(0, "dc");
	put("\r\t\a\v\f\033\177x");
	expect_row(0, "xc");
	put("\b\b\b\b12345678\b9");
	expect_row(0, "12345679");
}

/* One mark for a character, whatever number of bytes it has. */
static void test_no_ascii(void **state)
{
	(void)state;
	assert_true(opened(80, 32, 320, 0, 2));
	put("\303\244 \342\202\254 \360\237\246\212.");
	expect_row(0, "? ? ?.");
}

/* Lines of the framebuffer may be longer than the picture, which may end within a letter. */
static void test_odd_sizes(void **state)
{
	static const struct {
		uint32_t width, height, pitch, first, last, used;
	} sizes[] = {{8, 16, 32, 0, 1, 1},           {9, 17, 64, 0, 9, 1},
	             {15, 31, 60, 0, UINT32_MAX, 1}, {83, 50, 512, 1, 3, 3},
	             {100, 49, 404, 2, 8, 3},        {16, 160, 64, 8, UINT32_MAX, 10}};

	(void)state;
	for (uint32_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_true(opened(sizes[i].width, sizes[i].height, sizes[i].pitch, sizes[i].first,
		                   sizes[i].last));
		for (uint32_t n = 0; n < 5000; n++)
			mx_screen_put(&screen, (char)(n * 7 + n / 256));
		expect_rest_untouched(sizes[i].first, sizes[i].used);
	}
}

/* Too small for a letter, or measures that cannot be: refused, and nothing is written. */
static void test_refused(void **state)
{
	static const struct {
		uint32_t width, height, pitch, first, last;
	} sizes[] = {{0, 0, 0, 0, 1},     {7, 16, 32, 0, 1},       {8, 15, 32, 0, 1},
	             {8, 16, 28, 0, 1},   {80, 64, 320, 4, 9},     {80, 64, 320, 2, 2},
	             {80, 64, 320, 3, 2}, {4097, 16, 16388, 0, 1}, {8, 4097, 32, 0, 1},
	             {8, 16, 65540, 0, 1}};

	(void)state;
	for (uint32_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_false(opened(sizes[i].width, sizes[i].height, sizes[i].pitch, sizes[i].first,
		                    sizes[i].last));
		expect_rest_untouched(0, 0);
	}
	info = (struct mx_screen_info){UINT32_MAX, UINT32_MAX, UINT32_MAX};
	assert_false(mx_screen_open(&screen, pixels, &info, 0, 1, COLOUR));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(test_letters, discard),
	        cmocka_unit_test_teardown(test_wrap, discard),
	        cmocka_unit_test_teardown(test_round, discard),
	        cmocka_unit_test_teardown(test_control, discard),
	        cmocka_unit_test_teardown(test_no_ascii, discard),
	        cmocka_unit_test_teardown(test_odd_sizes, discard),
	        cmocka_unit_test_teardown(test_refused, discard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

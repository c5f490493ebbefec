/*
 * console/: line editing, whole lines from pieces, and the queue, over a serial port of the test.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include "console/edit.h"
#include "console/lines.h"
#include "console/output.h"
#include "console/screen.h"
#include "console/serial.h"

static char seen[1 << 16];
static uint32_t seen_n, room;

uint32_t serial_send(const char *text, uint32_t length)
{
	uint32_t n = length < room ? length : room;

	memcpy(seen + seen_n, text, n);
	seen_n += n;
	return n;
}

static uint32_t shown;

void screen_write(const char *text, uint32_t length)
{
	assert_memory_equal(text, seen + seen_n - length, length); /* what serial_send took */
	shown += length;
}

bool serial_receive(char *c)
{
	(void)c;
	return false;
}

/* All that is queued; the text since the last call. */
static const char *flush(void)
{
	seen_n = 0;
	while (output_turn() != OUTPUT_EMPTY)
		;
	seen[seen_n] = 0;
	return seen;
}

static int setup(void **state)
{
	(void)state;
	room = 16;
	flush();
	return 0;
}

static void type(const char *text)
{
	while (*text)
		edit_byte(*text++);
}

static const char *typed(void)
{
	static char line[EDIT_MAX + 2];
	struct mx_line piece;
	uint32_t n = 0;

	while (edit_ready()) {
		edit_piece(&piece);
		assert_true(piece.length > 0 && piece.length <= sizeof piece.text);
		memcpy(line + n, piece.text, piece.length);
		n += piece.length;
		edit_sent(&piece);
	}
	line[n] = 0;
	return line;
}

static void say(uint32_t slot, const char *text)
{
	while (*text) {
		struct mx_line piece = {0};

		while (*text && piece.length < sizeof piece.text)
			piece.text[piece.length++] = *text++;
		lines_add(slot, &piece);
	}
}

static void test_edit(void **state)
{
	static const struct {
		const char *keys, *line;
	} cases[] = {
	        {"help\r", "help\n"},
	        {"x\x15\r", "\n"},
	        {"helx\x7fp\r", "help\n"},
	        {"helx\bp\r", "help\n"},
	        {"\b\bhelp\r", "help\n"},
	        {"nonsense\x15help\r", "help\n"},
	        {"a\xc3\xbc\x7f"
	         "b\r",
	         "ab\n"},
	        {"\x1b[A\x1b[1;5Chel\x1bOPp\r", "help\n"},
	        {"he\x01\x03lp\r", "help\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (const char *k = cases[i].keys; *k && !edit_ready(); k++)
			edit_byte(*k);
		assert_string_equal(typed(), cases[i].line);
	}
}

static void test_echo(void **state)
{
	(void)state;
	type("ab\bc\r");
	assert_string_equal(flush(), "ab\b \bc\r\n");
	typed();
	type("\n"); /* the second half of the terminal's end of line */
	assert_false(edit_ready());
}

static void test_long_line(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < EDIT_MAX + 100; i++)
		edit_byte('x');
	edit_byte('\r');
	assert_int_equal(strlen(typed()), EDIT_MAX + 1);
}

static void test_lines_do_not_mix(void **state)
{
	(void)state;
	say(9, "one: be");
	say(10, "two: all\n");
	say(9, "gin\n");
	assert_string_equal(flush(), "two: all\r\none: begin\r\n");
}

static void test_typing_is_not_mixed(void **state)
{
	(void)state;
	type("sho");
	say(9, "news\nmore\n");
	edit_show();
	type("w\r");
	assert_string_equal(flush(), "sho\r\nnews\r\nmore\r\nshow\r\n");
	assert_string_equal(typed(), "show\n");
}

static void test_long_lines_are_cut(void **state)
{
	static char text[LINES_WIDTH * 2 + 2];

	(void)state;
	memset(text, 'x', LINES_WIDTH * 2);
	strcpy(text + LINES_WIDTH * 2, "\n");
	say(9, text);
	flush();
	assert_int_equal(strlen(seen), LINES_WIDTH + strlen(" [cut]\r\n"));
	assert_string_equal(seen + LINES_WIDTH, " [cut]\r\n");
	text[LINES_WIDTH] = 0;
	say(9, text);
	say(9, "\n");
	assert_string_equal(flush() + LINES_WIDTH, "\r\n");
}

static void test_hostile_pieces(void **state)
{
	struct mx_line piece = {.length = 255};

	(void)state;
	say(9, "\x1b[2J\rx\x7f\n");
	assert_string_equal(flush(), ".[2J.x.\r\n");
	memset(piece.text, '\n', sizeof piece.text);
	lines_add(9, &piece);
	assert_int_equal(strlen(flush()), 2 * sizeof piece.text);
}

static void test_end_of_a_domain(void **state)
{
	(void)state;
	say(9, "last wor");
	lines_end(9);
	lines_end(9);
	assert_string_equal(flush(), "last wor\r\n");
}

static void test_room_covers_a_piece(void **state)
{
	static char text[LINES_WIDTH + 1];
	struct mx_line piece = {.length = sizeof piece.text};
	uint32_t before;

	(void)state;
	memset(text, 'x', LINES_WIDTH);
	say(9, text);
	memset(piece.text, '\n', sizeof piece.text);
	for (uint32_t i = 0; i < EDIT_MAX; i++)
		edit_byte('y');
	flush();
	before = output_room();
	lines_add(9, &piece);
	edit_show();
	assert_true(before - output_room() <= LINES_ROOM + EDIT_MAX);
	type("\r");
	typed();
}

static void test_slow_port(void **state)
{
	(void)state;
	room = 0;
	output_text("text\n", 5);
	assert_int_equal(output_turn(), OUTPUT_BLOCKED);
	for (uint32_t i = 0; i < OUTPUT_SIZE; i++)
		output_text("y", 1);
	assert_int_equal(output_room(), 0);
	room = 16;
	assert_int_equal(output_turn(), OUTPUT_MORE);
	output_clear();
	assert_int_equal(output_turn(), OUTPUT_EMPTY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_edit, setup),
	        cmocka_unit_test_setup(test_echo, setup),
	        cmocka_unit_test_setup(test_long_line, setup),
	        cmocka_unit_test_setup(test_lines_do_not_mix, setup),
	        cmocka_unit_test_setup(test_typing_is_not_mixed, setup),
	        cmocka_unit_test_setup(test_long_lines_are_cut, setup),
	        cmocka_unit_test_setup(test_hostile_pieces, setup),
	        cmocka_unit_test_setup(test_end_of_a_domain, setup),
	        cmocka_unit_test_setup(test_room_covers_a_piece, setup),
	        cmocka_unit_test_setup(test_slow_port, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * console/terminal.c over a pipe and a file: nothing waits, and the end of the input is one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "console/serial.h"

static int in[2], out[2];

/* In a test standard input and output are pipes; cmocka has its own before and after. */
static int saved_in, saved_out;

static int setup(void **state)
{
	(void)state;
	fflush(stdout);
	saved_in = dup(STDIN_FILENO);
	saved_out = dup(STDOUT_FILENO);
	assert_int_equal(pipe(in) + pipe(out), 0);
	dup2(in[0], STDIN_FILENO);
	dup2(out[1], STDOUT_FILENO);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	dup2(saved_in, STDIN_FILENO);
	dup2(saved_out, STDOUT_FILENO);
	return 0;
}

static void expect(const char *text)
{
	char c;

	for (; *text; text++) {
		assert_true(serial_receive(&c));
		assert_int_equal(c, *text);
	}
	assert_false(serial_receive(&c));
}

static void test_input(void **state)
{
	static char text[200];

	(void)state;
	assert_true(serial_open());
	expect("");
	assert_int_equal(write(in[1], "help\r", 5), 5);
	expect("help\r");
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(write(in[1], text, strlen(text)), strlen(text));
	expect(text);
}

static void test_output(void **state)
{
	char text[64], got[64];
	uint32_t n, sent = 0;

	(void)state;
	memset(text, 'y', sizeof(text));
	assert_int_equal(serial_send("one\r\n", 5), 5);
	assert_int_equal(read(out[0], got, sizeof(got)), 5);
	assert_memory_equal(got, "one\r\n", 5);
	while ((n = serial_send(text, sizeof(text))) >
	       0) /* until it is full, and it does not wait */
		sent += n;
	assert_in_range(sent, 4096, 1 << 20);
	assert_int_equal(fcntl(out[1], F_GETFL) & O_NONBLOCK, 0);
}

/* Last: the terminal hears of it once and for all. */
static void test_end_of_input(void **state)
{
	(void)state;
	assert_int_equal(write(in[1], "bye", 3), 3);
	close(in[1]);
	expect("bye");
	expect("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_input, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_output, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_end_of_input, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The report, by way of the console domain.
 *
 * A line is handed over and its printing awaited: executives print faults directly, and must not
 * do so in the middle of it. The console runs on this core and prints up to 128 bytes a turn. Its
 * image is that of the machine's kind of console, as it is with init.
 */
#include <stdarg.h>
#include <stdio.h>
#include <moxie/control.h>
#include <moxie/slots.h>
#include "tests/guest/suite.h"

static struct mx_line_end console;

bool say_open(void)
{
	static struct mx_spawn q = {
	        .name = "console", .flags = MX_SPAWN_UART, .stack = 8, .heap = 16, .device = -1};
	struct mx_bind bind = {.a_slot = MX_CONSOLE_LOG, .b = MX_SELF, .b_slot = SLOT_CONSOLE};
	int64_t handle;

	if (!image_find(is_machine() ? "domains/console.elf" : "domains/terminal.elf", &q.image,
	                &q.image_len))
		return false;
	q.core = mx_boot->core;
	q.slots[MX_CONSOLE_LOG] = mx_line_spec;
	handle = suite_spawn(MX_SPAWN_CREATE, &q);
	bind.a = (uint32_t)handle;
	return handle > 0 && suite_spawn(MX_SPAWN_BIND, &bind) == MX_OK &&
	       mx_line_open(&console, mx_boot, SLOT_CONSOLE) &&
	       mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, (uint64_t)handle, 0) == MX_OK;
}

static void put(const char *text, uint32_t length)
{
	while (length) {
		struct mx_line piece = {.length = sizeof piece.text};

		if (length < piece.length)
			piece.length = (uint8_t)length;
		memcpy(piece.text, text, piece.length);
		if (!mx_line_try_send(&console, &piece)) {
			raw_yield();
			continue;
		}
		text += piece.length;
		length -= piece.length;
	}
	do
		raw_yield();
	while (mx_end_room(&console.end) < console.end.depth);
	for (uint32_t turns = 0; turns < 4; turns++)
		raw_yield();
}

void say(const char *format, ...)
{
	char text[240];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text - 1, format, args);
	va_end(args);
	n = n < (int)sizeof text - 2 ? n : (int)sizeof text - 2;
	text[n++] = '\n';
	put(text, (uint32_t)n);
}

const char *because(const char *format, ...)
{
	static char text[2][160]; /* a reason may be made while another is still to be told */
	static uint32_t turn;
	va_list args;

	turn ^= 1;
	va_start(args, format);
	vsnprintf(text[turn], sizeof text[turn], format, args);
	va_end(args);
	return text[turn];
}

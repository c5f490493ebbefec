/*
 * Lines on the console, by slot MX_CONSOLE: see mx_log.
 * Rules: a log never waits. What the ring does not take is dropped and counted, and the next line
 * that fits says how many were.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <moxie/control.h>
#include <moxie/slots.h>
#include "loop.h"

static struct mx_line_end console;
static uint32_t dropped;

void mx_log_open(void)
{
	mx_line_open(&console, mx_boot, MX_CONSOLE);
}

static void write(const char *text, uint32_t length)
{
	uint32_t pieces = (length + sizeof((struct mx_line *)0)->text - 1) /
	                  sizeof((struct mx_line *)0)->text;

	if (mx_end_room(&console.end) < pieces) {
		dropped++;
		return;
	}
	while (length) {
		struct mx_line piece = {.length = sizeof piece.text};

		if (length < piece.length)
			piece.length = (uint8_t)length;
		memcpy(piece.text, text, piece.length);
		mx_line_try_send(&console, &piece);
		text += piece.length;
		length -= piece.length;
	}
}

static void vlog(const char *format, va_list args)
{
	char text[256];
	int n = snprintf(text, sizeof text, "%s: ", mx_boot->name), m;

	if (dropped) {
		n += snprintf(text + n, sizeof text - n, "(%u lines lost) ", dropped);
		dropped = 0;
	}
	m = vsnprintf(text + n, sizeof text - 1 - n, format, args);
	n = m < (int)sizeof text - 2 - n ? n + m : (int)sizeof text - 2;
	text[n++] = '\n';
	write(text, (uint32_t)n);
}

void mx_log(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vlog(format, args);
	va_end(args);
}

_Noreturn void mx_panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vlog(format, args);
	va_end(args);
	mx_exit(255);
}

/*
 * Figures, kept until all are measured: whoever prints meanwhile measures the console, too.
 *
 * Lines: `= name size batch value...`, values in hundredths of a ns; a figure may take several
 * lines. At the end `crossing: N payloads were bad` and `crossing: done`.
 */
#include <stdarg.h>
#include <stdio.h>
#include <moxie/control.h>
#include "tests/crossing/ends.h"

#define FIGURES 320u
#define A_LINE  8u /* values */

static struct figure {
	const char *name;
	uint32_t size, batch;
	uint32_t values[ROUNDS_MAX];
} figures[FIGURES];
static uint32_t n, rounds, bad;
static struct mx_line_end console;

void report_round(uint32_t round)
{
	n = 0;
	rounds = round + 1;
}

void report_bad(uint32_t payloads)
{
	bad += payloads;
}

void report_add(const char *name, uint32_t size, uint32_t batch, uint64_t ns, uint64_t times)
{
	struct figure *f = &figures[n++];

	mx_assert(n <= FIGURES && times);
	f->name = name;
	f->size = size;
	f->batch = batch;
	f->values[rounds - 1] = (uint32_t)(ns * 100 / times);
}

/* Not mx_log: it drops what does not fit. */
static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
	struct mx_line piece = {.length = 0};
	char text[160];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	mx_assert(length >= 0 && length < (int)sizeof text);
	for (int at = 0; at < length; at += piece.length) {
		int left = length - at, most = sizeof piece.text;

		piece.length = (uint8_t)(left < most ? left : most);
		memcpy(piece.text, text + at, piece.length);
		while (!mx_line_try_send(&console, &piece))
			turn(0, false);
	}
}

static void print(const struct figure *f)
{
	for (uint32_t i = 0; i < rounds; i++) {
		if (i % A_LINE == 0)
			say("%s= %s %u %u", i ? "\n" : "", f->name, f->size, f->batch);
		say(" %u", f->values[i]);
	}
	say("\n");
}

void report_print(void)
{
	mx_assert(mx_line_open(&console, mx_boot, SLOT_REPORT));
	for (uint32_t i = 0; i < n; i++)
		print(&figures[i]);
	say("crossing: %u payloads were bad\n", bad);
	say("crossing: done\n");
}

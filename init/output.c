/*
 * Init's text on the console: a bounded queue before the ring.
 *
 * Rules: whole lines or nothing; a line that does not fit is counted, and the count is told where
 * it would have stood. The ring announces thirst when it is full, so the console wakes init.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <moxie/slots.h>
#include "init/init.h"

#define QUEUE 65536u
#define LINE  640u

static char queue[QUEUE];
static uint32_t in, out; /* count freely and wrap */
static uint32_t lost;
static bool starved; /* somebody waits for room */
static struct mx_line_end console;

/* What the console before has not read is gone with it. */
void output_open(void)
{
	uint32_t unread = console.end.sent - console.end.seen_head;

	mx_line_open(&console, mx_boot, MX_CONSOLE);
	if (unread)
		output_line("moxie: (up to %u bytes lost with the console)",
		            unread * (uint32_t)sizeof((struct mx_line *)0)->text);
}

static uint32_t room(void)
{
	return QUEUE - (in - out);
}

bool output_takes(uint32_t length)
{
	starved |= room() < length;
	return room() >= length;
}

bool output_starved(void)
{
	bool was = starved;

	starved = false;
	return was && room() >= QUEUE / 2;
}

static bool put(const char *text, uint32_t length)
{
	if (room() < length)
		return false;
	for (uint32_t i = 0; i < length; i++)
		queue[in++ % QUEUE] = text[i];
	return true;
}

static void tell_lost(void)
{
	char text[64];
	int n = snprintf(text, sizeof text, "moxie: (%u lines lost)\n", lost);

	if (lost && put(text, (uint32_t)n))
		lost = 0;
}

void output_line(const char *format, ...)
{
	char text[LINE];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text - 1, format, args);
	va_end(args);
	if (n > (int)sizeof text - 2)
		n = (int)sizeof text - 2;
	text[n++] = '\n';
	tell_lost();
	if (lost || !put(text, (uint32_t)n))
		lost++;
}

void output_turn(void)
{
	while (in != out) {
		struct mx_line piece = {0};
		uint32_t n = in - out;

		if (n > sizeof piece.text)
			n = sizeof piece.text;
		for (uint32_t i = 0; i < n; i++)
			piece.text[i] = queue[(out + i) % QUEUE];
		piece.length = (uint8_t)n;
		if (!mx_line_try_send(&console, &piece))
			return;
		out += n;
		tell_lost();
	}
}

bool output_drained(void)
{
	return in == out && (!console.end.tx || mx_end_room(&console.end) == console.end.depth);
}

bool output_hear(struct mx_line *piece)
{
	return mx_line_recv(&console, piece);
}

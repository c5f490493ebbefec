/*
 * Line editing for a plain terminal.
 *
 * Rules: everything is echoed as it is accepted; control bytes but the few below are ignored, and
 * so are escape sequences (cursor keys), so that they end up in no command. UTF-8 is kept whole by
 * backspace.
 */
#include <string.h>
#include "console/edit.h"
#include "console/output.h"

enum { BACKSPACE = 0x08, KILL = 0x15, ESCAPE = 0x1b, DELETE = 0x7f };

static char line[EDIT_MAX + 1];
static uint32_t length, fetched;
static bool ready, hidden, after_cr;
static enum { PLAIN, ESCAPED, SEQUENCE } escape;

static void echo(const char *text)
{
	output_text(text, (uint32_t)strlen(text));
}

static void erase(void)
{
	if (!length)
		return;
	while (length > 1 && (line[length - 1] & 0xc0) == 0x80)
		length--;
	length--;
	echo("\b \b");
}

static void add(char c)
{
	if (length == EDIT_MAX) {
		echo("\a");
		return;
	}
	line[length++] = c;
	output_text(&c, 1);
}

/* ECMA-48, 5.4: ESC, or ESC [ with parameters up to a byte from '@' on. True: c belongs to it. */
static bool skip_sequence(char c)
{
	switch (escape) {
	case PLAIN:
		if (c != ESCAPE)
			return false;
		escape = ESCAPED;
		return true;
	case ESCAPED:
		escape = c == '[' || c == 'O' ? SEQUENCE : PLAIN;
		return true;
	case SEQUENCE:
		if (c >= '@')
			escape = PLAIN;
		return true;
	}
	return false;
}

static void finish(void)
{
	line[length++] = '\n';
	echo("\n");
	fetched = 0;
	ready = true;
}

void edit_byte(char c)
{
	bool second = after_cr && c == '\n'; /* of a terminal that ends lines by "\r\n" */

	after_cr = c == '\r';
	if (second || skip_sequence(c))
		return;
	if (c == '\r' || c == '\n')
		finish();
	else if (c == BACKSPACE || c == DELETE)
		erase();
	else if (c == KILL)
		while (length)
			erase();
	else if ((uint8_t)c >= 0x20)
		add(c);
}

bool edit_ready(void)
{
	return ready;
}

void edit_piece(struct mx_line *piece)
{
	uint32_t n = length - fetched;

	if (n > sizeof piece->text)
		n = sizeof piece->text;
	*piece = (struct mx_line){.length = (uint8_t)n};
	memcpy(piece->text, line + fetched, n);
}

void edit_sent(const struct mx_line *piece)
{
	fetched += piece->length;
	if (fetched < length)
		return;
	length = 0;
	ready = false;
}

void edit_hide(void)
{
	if (hidden || ready || !length)
		return;
	echo("\n");
	hidden = true;
}

void edit_show(void)
{
	if (hidden)
		output_text(line, length);
	hidden = false;
}

/*
 * One line under way per slot.
 *
 * The text is untrusted: lengths are bounded, and bytes that could steer the terminal are
 * replaced, so that a domain can neither forge the lines of another nor clear the screen.
 */
#include "console/edit.h"
#include "console/lines.h"
#include "console/output.h"

static const char cut_mark[] = " [cut]";

static struct under_way {
	uint32_t length;
	bool cut;
	char text[LINES_WIDTH];
} lines[MX_SLOTS];

static void put_out(struct under_way *l)
{
	edit_hide();
	output_text(l->text, l->length);
	if (l->cut)
		output_text(cut_mark, sizeof cut_mark - 1);
	output_text("\n", 1);
	l->length = 0;
	l->cut = false;
}

/* Controls are those of ASCII, and U+0080 to U+009F, which in UTF-8 are C2 and their number. */
static bool is_control(const struct under_way *l, uint8_t c)
{
	uint8_t before = l->length ? (uint8_t)l->text[l->length - 1] : 0;

	if (c >= 0x80 && c < 0xa0)
		return before < 0x80 || before == 0xc2;
	return (c < 0x20 && c != '\t') || c == 0x7f;
}

static void add(struct under_way *l, char c)
{
	if (l->length == LINES_WIDTH)
		l->cut = true;
	else
		l->text[l->length++] = is_control(l, (uint8_t)c) ? '.' : c;
}

void lines_add(uint32_t slot, const struct mx_line *piece)
{
	uint32_t n = piece->length < sizeof piece->text ? piece->length : sizeof piece->text;

	for (uint32_t i = 0; i < n; i++)
		if (piece->text[i] == '\n')
			put_out(&lines[slot]);
		else
			add(&lines[slot], piece->text[i]);
}

void lines_end(uint32_t slot)
{
	if (lines[slot].length)
		put_out(&lines[slot]);
}

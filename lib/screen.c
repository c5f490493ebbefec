/* Text on a framebuffer: see moxie/screen.h. For domains and for the executive alike. */
#include <moxie/screen.h>

#define WIDTH  8u
#define HEIGHT 16u
#define FIRST  0x20 /* of the letters in the font */
#define LAST   0x7e
#define EDGE   4096u /* pixels; more than any screen has, so that no product overflows */

extern const uint8_t mx_font[][HEIGHT]; /* font.S; the leftmost pixel is the highest bit */

static void fill(const struct mx_screen *s, uint32_t row)
{
	volatile uint32_t *at = s->base + row * HEIGHT * s->stride;

	for (uint32_t y = 0; y < HEIGHT; y++, at += s->stride)
		for (uint32_t x = 0; x < s->columns * WIDTH; x++)
			at[x] = 0;
}

static void draw(const struct mx_screen *s, char c)
{
	volatile uint32_t *at = s->base + s->row * HEIGHT * s->stride + s->column * WIDTH;
	const uint8_t *lines = mx_font[c - FIRST];

	for (uint32_t y = 0; y < HEIGHT; y++, at += s->stride)
		for (uint32_t x = 0; x < WIDTH; x++)
			at[x] = lines[y] & 0x80u >> x ? s->colour : 0;
}

bool mx_screen_open(struct mx_screen *s, void *base, const struct mx_screen_info *info,
                    uint32_t first, uint32_t last, uint32_t colour)
{
	uint32_t rows = info->height / HEIGHT;

	if (info->width > EDGE || info->height > EDGE || info->pitch / 4 < info->width ||
	    info->pitch > 4 * 4 * EDGE)
		return false;
	if (last > rows)
		last = rows;
	*s = (struct mx_screen){.base = base,
	                        .stride = info->pitch / 4,
	                        .first = first,
	                        .last = last,
	                        .columns = info->width / WIDTH,
	                        .row = first,
	                        .colour = colour};
	if (first >= last || !s->columns)
		return false;
	for (uint32_t row = first; row < last; row++)
		fill(s, row);
	return true;
}

static uint32_t after(const struct mx_screen *s, uint32_t row)
{
	return row + 1 < s->last ? row + 1 : s->first;
}

/* The line it comes to is blank already; the one behind it becomes so. */
static void next_row(struct mx_screen *s)
{
	s->row = after(s, s->row);
	s->column = 0;
	fill(s, after(s, s->row));
}

void mx_screen_put(struct mx_screen *s, char c)
{
	if (c == '\n')
		next_row(s);
	else if (c == '\r')
		s->column = 0;
	else if (c == '\b')
		s->column -= s->column > 0;
	else if ((uint8_t)c >= 0xc0) /* the first byte of a character in UTF-8 */
		mx_screen_put(s, '?');
	else if (c >= FIRST && c <= LAST) {
		if (s->column == s->columns)
			next_row(s);
		draw(s, c);
		s->column++;
	}
}

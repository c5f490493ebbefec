/*
 * The queue before the serial port.
 *
 * An `out` costs a microsecond or more in a virtual machine, and nobody else runs on this core
 * meanwhile: a turn is short, and the others run between two turns.
 */
#include "console/output.h"
#include "console/screen.h"
#include "console/serial.h"

#define TURN 128u /* bytes of one turn, and */
#define LINE 256u /* at most so many more to the end of a line */

static char queue[OUTPUT_SIZE];
static uint32_t in, out; /* count freely and wrap */
static bool screen_only;

uint32_t output_room(void)
{
	return OUTPUT_SIZE - (in - out);
}

static void put(char c)
{
	if (output_room())
		queue[in++ % OUTPUT_SIZE] = c;
}

void output_text(const char *text, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			put('\r');
		put(text[i]);
	}
}

/* The executive's last words come between turns: not into a line, if that can be. */
static bool mid_line(void)
{
	return out && queue[(out - 1) % OUTPUT_SIZE] != '\n';
}

/* The screen is never slow, and alone where there is no serial line. */
static uint32_t send(const char *text, uint32_t length)
{
	uint32_t taken = !screen_only ? serial_send(text, length) : length < TURN ? length : TURN;

	screen_write(text, taken);
	return taken;
}

enum output_state output_turn(void)
{
	for (uint32_t sent = 0; in != out && (sent < TURN || (mid_line() && sent < TURN + LINE));) {
		uint32_t at = out % OUTPUT_SIZE, n = in - out, taken;

		taken = send(queue + at, n < OUTPUT_SIZE - at ? n : OUTPUT_SIZE - at);
		if (!taken)
			return OUTPUT_BLOCKED;
		out += taken;
		sent += taken;
	}
	return in == out ? OUTPUT_EMPTY : OUTPUT_MORE;
}

void output_to_screen(void)
{
	screen_only = true;
}

void output_clear(void)
{
	out = in;
}

/*
 * The console, all of it: bytes typed, and logs of domains that may write anything into its rings.
 *
 * The serial port stands here in place of console/uart.c and terminal.c. Nothing that a domain says
 * may steer the terminal, and what is typed comes to init as lines.
 */
#include <string.h>
#include <moxie/control.h>
#include <moxie/slots.h>
#include "console/screen.h"
#include "console/serial.h"
#include "tests/fuzz/machine.h"

#define LOGS 4u

enum { TYPE, ROOM, KINDS };

static uint8_t typed[1024];
static uint32_t typed_n, typed_at, room;
static uint8_t last; /* byte on the terminal */
static bool foreign; /* bytes beyond ASCII were typed */

bool serial_open(void)
{
	return true;
}

static void see(uint8_t byte)
{
	fuzz_assert(byte >= 0x20 || (byte && strchr("\n\r\b\t\a", byte)));
	fuzz_assert(byte != 0x7f);
	/* U+0080 to U+009F in UTF-8, unless somebody has typed the like. */
	fuzz_assert(foreign || last != 0xc2 || byte < 0x80 || byte >= 0xa0);
	last = byte;
}

uint32_t serial_send(const char *text, uint32_t length)
{
	uint32_t n = length < room ? length : room;

	for (uint32_t i = 0; i < n; i++)
		see((uint8_t)text[i]);
	return n;
}

/* The screen shows what serial_send has taken, and nothing else. */
bool screen_open(void)
{
	return false;
}

void screen_write(const char *text, uint32_t length)
{
	(void)text, (void)length;
}

bool serial_receive(char *c)
{
	if (typed_at == typed_n)
		return false;
	*c = (char)typed[typed_at++];
	return true;
}

void side_event(uint32_t what, struct event *e)
{
	if (what % KINDS == ROOM) {
		room = (uint32_t)event_take(e, 1) % 17;
		return;
	}
	typed_at = 0;
	typed_n = e->n < sizeof(typed) ? e->n : sizeof(typed);
	memcpy(typed, e->data, typed_n);
	for (uint32_t i = 0; i < typed_n; i++)
		foreign |= typed[i] >= 0x80;
	machine_notify(1ull << MX_CONSOLE_IRQ);
}

void side_sent(uint32_t slot, const struct mx_msg *chain, uint32_t n)
{
	(void)slot;
	(void)chain;
	(void)n;
	fuzz_fail(__FILE__, __LINE__, "the console has no frames to send");
}

bool side_end(uint32_t step)
{
	room = 16;
	machine_pass(MX_S);
	return step < 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct mx_control go = {.op = MX_CTL_GO};

	machine_begin("console", 16, false);
	typed_n = typed_at = last = 0;
	foreign = false;
	room = 16;
	machine_plain(MX_PARENT, &mx_control_spec, false);
	for (uint32_t i = 0; i < LOGS; i++)
		machine_plain(MX_CONSOLE_LOG + i, &mx_line_spec, true);
	fuzz_assert(machine_plain_send(MX_PARENT, &go));
	machine_run(data, n);
	return 0;
}

/*
 * The console domain: it alone owns the serial port.
 *
 * Every domain sends its log by its own channel (MX_CONSOLE_LOG + n); typed lines go to init by
 * the first. Rules: nothing here waits. While the serial port is slow its queue is full, rings stay
 * full, and their senders drop or come back as they choose. Bytes typed too early stay in the port.
 */
#include <moxie/counters.h>
#include <moxie/kept.h>
#include <moxie/domain.h>
#include <moxie/parent.h>
#include <moxie/slots.h>
#include "console/edit.h"
#include "console/lines.h"
#include "console/output.h"
#include "console/screen.h"
#include "console/serial.h"

#define LOGS    (MX_SLOTS - MX_CONSOLE_LOG)
#define RECEIVE 64u /* bytes taken from the serial port in one turn */

static struct mx_control_end parent;
static struct mx_line_end logs[LOGS];
static uint64_t ready; /* slots whose ring may hold something */
static uint64_t pieces MX_KEPT, typed MX_KEPT;
static bool heard; /* by a serial line or a screen */

static const struct mx_counter counters[] = {
        {"pieces", &pieces, MX_CTL_NO_PORT},
        {"typed", &typed, MX_CTL_NO_PORT},
};

void domain_start(void)
{
	mx_control_open(&parent, mx_boot, MX_PARENT);
	for (uint32_t i = 0; i < LOGS; i++)
		if (mx_line_open(&logs[i], mx_boot, MX_CONSOLE_LOG + i))
			ready |= 1ull << (MX_CONSOLE_LOG + i);
	mx_counters_init(counters, sizeof counters / sizeof counters[0]);
	mx_counters_inherit(counters, sizeof counters / sizeof counters[0]);
	heard = serial_open();
	if (screen_open() && !heard) {
		output_to_screen();
		heard = true;
	}
}

/* A log was bound to another domain, or its domain has ended: its last words stand in our ring. */
static void log_changed(const struct mx_msg *m)
{
	struct mx_line_end *log = &logs[m->slot - MX_CONSOLE_LOG];
	struct mx_line piece;

	while (m->kind == MX_EVENT_GONE && mx_line_recv(log, &piece))
		lines_add(m->slot, &piece);
	lines_end(m->slot);
	ready |= 1ull << m->slot;
}

static void hear_parent(void)
{
	struct mx_control c;

	while (mx_parent_recv(&parent, &c)) {
		if (c.op == MX_CTL_GO)
			mx_control_try_send(&parent, &(struct mx_control){.op = MX_CTL_READY});
		else if (c.op == MX_CTL_COUNTERS)
			mx_counters_ask(c.value);
	}
	mx_counters_turn(&parent);
}

/* Whole typed lines to init; true when none waits any more. */
static bool send_typed(void)
{
	struct mx_line piece;

	while (edit_ready()) {
		edit_piece(&piece);
		if (!mx_line_try_send(&logs[0], &piece))
			return false;
		edit_sent(&piece);
	}
	return true;
}

static void receive(void)
{
	char c;

	for (uint32_t n = 0; send_typed(); n++) {
		if (n == RECEIVE) {
			mx_again();
			return;
		}
		if (!serial_receive(&c))
			return;
		typed++;
		edit_byte(c);
	}
}

static void take_log(uint32_t slot)
{
	struct mx_line_end *end = &logs[slot - MX_CONSOLE_LOG];
	struct mx_line piece;

	while (output_room() >= LINES_ROOM) {
		if (!mx_line_recv(end, &piece)) {
			ready &= ~(1ull << slot);
			return;
		}
		pieces++;
		lines_add(slot, &piece);
		if (!heard)
			output_clear();
	}
}

static void send_output(void)
{
	switch (output_turn()) {
	case OUTPUT_MORE:
		mx_again();
		break;
	case OUTPUT_BLOCKED:
		mx_wake_at(mx_now() + SERIAL_WAIT);
		break;
	case OUTPUT_EMPTY:
		if (ready)
			mx_again();
		break;
	}
}

void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	for (uint32_t i = 0; i < n; i++) {
		bool event = in[i].kind == MX_EVENT_RESET || in[i].kind == MX_EVENT_GONE;

		if (event && in[i].slot >= MX_CONSOLE_LOG && in[i].slot < MX_SLOTS)
			log_changed(&in[i]);
		else if (in[i].frame != MX_NOFRAME)
			mx_free(in[i].frame);
	}
	ready |= pending & ~((1ull << MX_CONSOLE_LOG) - 1);
	hear_parent();
	receive();
	for (uint64_t left = ready; left; left &= left - 1)
		take_log((uint32_t)__builtin_ctzll(left));
	edit_show();
	send_output();
}

/*
 * The life of a hostile domain in the appliance: it says that it works, does one wrong thing, and
 * says what came of it.
 *
 * Which one: the number in its configuration (an application's service port, a driver's MTU) is a
 * seed below 1000, and from there on the thing to do, counted from 1000. With a seed all come in
 * turn; which life it is follows from the key of its control channel: each start of it binds
 * three channels, and there is another hostile domain that is started as often.
 * It says `does NAME`, and `GOT AWAY: why` if so. Unless it is ended by the executive it exits:
 * with 0 when all was refused.
 */
#include <moxie/control.h>
#include <moxie/slots.h>
#include <stdio.h>
#include <string.h>
#include "tests/hostile/held.h"
#include "tests/hostile/wrong.h"

#define ONE_THING    1000u
#define KEYS_A_ROUND 6u
#define PATIENCE     (5 * MX_S)

uint32_t wrong_port;

static struct mx_control_end parent;
static struct misdeed list[192];
static uint32_t list_n;

static _Noreturn void end(uint32_t status)
{
	raw_yield(); /* the console hears of what was said */
	for (;;)
		mx_trap(MX_TRAP_EXIT, status, 0, 0);
}

_Noreturn void must_fail(const char *file, uint32_t line, const char *what)
{
	mx_log("GOT AWAY: %s:%u: %s", file, line, what);
	end(1);
}

uint32_t wrong_collect(uint64_t until)
{
	struct mx_msg m;
	uint32_t n = 0;

	do {
		while (raw_recv(&m, MX_NOW)) {
			raw_free(m.frame);
			n++;
		}
		raw_exchange(0, until < mx_now() + MX_MS ? until : mx_now() + MX_MS);
	} while (mx_now() < until);
	return n;
}

bool wrong_room(uint32_t slot, uint32_t n, uint64_t until)
{
	while (mx_boot->exchange->credit[slot] < n && mx_now() < until)
		wrong_collect(0);
	return mx_boot->exchange->credit[slot] >= n;
}

/* Its part of the configuration; the number in it that says what to do. */
static void hear_parent(void)
{
	uint64_t deadline = mx_now() + PATIENCE;
	struct mx_control m = {.op = 0}, ready = {.op = MX_CTL_READY};

	mx_control_open(&parent, mx_boot, MX_PARENT);
	while (m.op != MX_CTL_GO && mx_now() < deadline)
		if (!mx_control_recv(&parent, &m))
			wrong_collect(mx_now() + MX_MS);
		else if (m.op == MX_CTL_SERVICE || m.op == MX_CTL_PORT)
			wrong_port = (uint32_t)m.value;
	mx_control_try_send(&parent, &ready);
	raw_yield();
}

/* The suite's rows that a domain in the appliance can do as they are. */
static void add_rows(const struct row *row)
{
	for (; row->name; row++) {
		uint32_t unfit = wrong_window ? row->options : row->options & ~NO_WINDOW;

		if (unfit || row->which == PROBE_EXIT ||
		    (!wrong_window && row->which == PROBE_BAD_COUNTS))
			continue;
		list[list_n++] = (struct misdeed){row->name,
		                                  row->cause == MX_CAUSE_EXIT ? REFUSED : ENDS,
		                                  NULL,
		                                  row->which <= PROBE_SPIN ? probe_cpu : probe_trap,
		                                  {row->which, row->a, row->b}};
	}
}

static void list_all(void)
{
	for (uint32_t i = 0; wrong_tables[i]; i++)
		for (const struct misdeed *w = wrong_tables[i]; w->name; w++)
			list[list_n++] = *w;
	add_rows(rows_cpu);
}

static const struct misdeed *choose(void)
{
	uint32_t life = (mx_boot->slots[MX_PARENT].key >> 4) / KEYS_A_ROUND;

	dice_seed((uint64_t)wrong_port << 32 | life);
	return &list[(wrong_port >= ONE_THING ? wrong_port - ONE_THING : life) % list_n];
}

/* NULL: refused. */
static const char *carry_out(const struct misdeed *w)
{
	static char text[32];
	uint32_t line;

	if (w->run)
		return w->run();
	line = w->probe(&w->args);
	snprintf(text, sizeof text, "probe, line %u", line);
	return line ? text : NULL;
}

void domain_start(void)
{
	const struct misdeed *w;
	const char *why;

	raw_pending = mx_boot->exchange->pending; /* the library has exchanged once */
	hear_parent();
	list_all();
	w = choose();
	wrong_collect(0);
	mx_log("%u of %u does %s", (uint32_t)(w - list), list_n, w->name);
	raw_yield();
	why = carry_out(w);
	if (why || w->fate == ENDS)
		mx_log("GOT AWAY: %s", why ? why : "it lives");
	end(why || w->fate == ENDS);
}

/* Never reached: domain_start does not return. */
void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	(void)in;
	(void)n;
	(void)pending;
}

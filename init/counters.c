/*
 * What the domains count, on the console.
 *
 * Interface: counters_ask asks all that work, each by the same ticket; counters_hear takes what
 * they say.
 * Rules: counters are read only while the console's queue has room; until then they wait in the
 * ring, and the child waits with them. Who was asked and stops reporting, or does not stop, is
 * waited for no more.
 */
#include "init/init.h"

#define ROOM     256u       /* bytes of console text that a counter may take */
#define MOST     4096u      /* of one child */
#define PATIENCE (2 * MX_S) /* with those who are to report */

static uint64_t ticket;
static uint64_t reporting; /* children whose counters are still due, as a set */
static uint64_t silent_at; /* ns: when they are waited for no more, unless one comes */

/* Names come from a domain: at most what is there, and nothing that steers a terminal. */
static void print_counter(const struct child *c, const struct mx_control *m)
{
	char name[sizeof m->name + 1] = {0};

	for (uint32_t i = 0; i < sizeof m->name && m->name[i]; i++)
		name[i] = m->name[i] > ' ' && m->name[i] < 0x7f ? m->name[i] : '.';
	if (m->port < MX_PORTS)
		output_line("counter %s eth%u %s %lu", c->request.name, m->port, name, m->value);
	else
		output_line("counter %s %s %lu", c->request.name, name, m->value);
}

static bool is_replica(const struct child *c)
{
	return c->role == ROLE_ROUTER && init.pairs > 1;
}

static uint64_t bit_of(const struct child *c)
{
	return 1ull << (c - init.children);
}

static bool reports(const struct child *c)
{
	return reporting & bit_of(c);
}

/* Only who reports waits for the console. */
bool counters_take(const struct child *c)
{
	return !reports(c) || output_takes(ROOM);
}

static void hear_counter(struct child *c, const struct mx_control *m)
{
	silent_at = mx_now() + PATIENCE;
	if (c->counters++ == MOST) {
		output_line("moxie: %s has no end of counters", c->request.name);
		reporting &= ~bit_of(c);
	} else if (is_replica(c)) {
		sums_add(m);
	} else {
		print_counter(c, m);
	}
}

void counters_hear(struct child *c, const struct mx_control *m)
{
	if (!reports(c))
		return;
	if (m->op == MX_CTL_COUNTER)
		hear_counter(c, m);
	else if (m->op == MX_CTL_COUNTERS_END && m->value == ticket)
		reporting &= ~bit_of(c);
}

void counters_ended(const struct child *c)
{
	reporting &= ~bit_of(c);
}

void counters_ask(void)
{
	ticket++;
	silent_at = mx_now() + PATIENCE;
	sums_clear();
	for (uint32_t i = 0; i < init.children_n; i++) {
		struct child *c = &init.children[i];

		if (!control_ask(c, ticket))
			continue;
		reporting |= bit_of(c);
		c->counters = 0;
	}
}

/* Time passes only while the console takes what they say. */
static void lose_patience(void)
{
	if (!output_takes(ROOM))
		silent_at = mx_now() + PATIENCE;
	for (uint32_t i = 0; mx_now() >= silent_at && i < init.children_n; i++)
		if (reports(&init.children[i]))
			output_line("moxie: %s does not report", init.children[i].request.name);
	if (mx_now() >= silent_at)
		reporting = 0;
	if (reporting)
		mx_wake_at(silent_at);
}

/* Of replicas, when all have told. */
static void print_sums(void)
{
	const struct mx_control *m;

	for (uint32_t i = 0; i < init.children_n; i++)
		if (is_replica(&init.children[i]) && reports(&init.children[i]))
			return;
	while (sums_left() && output_takes(ROOM) && (m = sums_next()))
		print_counter(&init.children[1], m);
}

bool counters_busy(void)
{
	return reporting != 0 || sums_left();
}

void counters_turn(void)
{
	if (reporting)
		lose_patience();
	print_sums();
}

/*
 * The report of a domain's counters to init; see moxie/counters.h.
 *
 * The cursor counts entries already sent; the entry after the last one is COUNTERS_END. A cursor
 * beyond that means that nothing is asked.
 */
#include <string.h>
#include <moxie/counters.h>
#include <moxie/kept.h>

static const struct mx_counter *counters;
static uint32_t counters_n;
static uint32_t cursor = 1;
static uint64_t asked;

void mx_counters_init(const struct mx_counter *table, uint32_t n)
{
	counters = table;
	counters_n = n;
	cursor = n + 1;
}

void mx_counters_inherit(const struct mx_counter *table, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		mx_left_counts((uint64_t *)(uintptr_t)table[i].value, 1);
}

void mx_counters_ask(uint64_t ticket)
{
	asked = ticket;
	cursor = 0;
}

static struct mx_control entry(const struct mx_counter *c)
{
	struct mx_control m = {.op = MX_CTL_COUNTER, .port = c->port, .value = *c->value};
	size_t n = strlen(c->name);

	memcpy(m.name, c->name, n < sizeof(m.name) ? n : sizeof(m.name) - 1);
	return m;
}

void mx_counters_turn(struct mx_control_end *parent)
{
	while (cursor <= counters_n) {
		struct mx_control m = {.op = MX_CTL_COUNTERS_END, .value = asked};

		if (cursor < counters_n)
			m = entry(&counters[cursor]);
		if (!mx_control_try_send(parent, &m))
			return;
		cursor++;
	}
}

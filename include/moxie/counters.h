/*
 * Counters of a domain and their report to init.
 *
 * Interface: a domain registers one constant table of names and places; on MX_CTL_COUNTERS it
 * calls mx_counters_ask with the ticket, and mx_counters_turn at the end of every domain_event.
 * Rules: a report never waits. When the control ring is full it stops, and goes on in a later turn
 * (the refused send has announced thirst, so MX_PARENT becomes pending). A question asked
 * during a report starts it anew with the newer ticket.
 */
#ifndef MOXIE_COUNTERS_H
#define MOXIE_COUNTERS_H

#include <moxie/control.h>

struct mx_counter {
	const char *name; /* "rx.packets"; at most 31 characters arrive */
	const uint64_t *value;
	uint16_t port; /* or MX_CTL_NO_PORT */
};

void mx_counters_init(const struct mx_counter *table, uint32_t n);
/* Once, at the start: those that are kept (moxie/kept.h) go on where the predecessor's stopped. */
void mx_counters_inherit(const struct mx_counter *table, uint32_t n);
void mx_counters_ask(uint64_t ticket);
void mx_counters_turn(struct mx_control_end *parent);

#endif

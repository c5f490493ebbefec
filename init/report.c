/*
 * What init says of the life of its children: ready, and how they ended.
 */
#include <stdio.h>
#include <string.h>
#include "init/init.h"

static bool reported;

static uint32_t count(enum life life)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < init.children_n; i++)
		n += init.children[i].life == life;
	return n;
}

/* Once all work. A port whose driver has ended is left out, and so is what is given up. */
void report_ready(void)
{
	uint32_t ports = 0;

	if (reported || init.children_n == 1)
		return;
	for (uint32_t i = 0; i < init.children_n; i++) {
		const struct child *c = &init.children[i];

		if (c->life != LIFE_READY && !restart_given_up(c) &&
		    (c->life != LIFE_ENDED || c->role != ROLE_DRIVER))
			return;
		ports += c->role == ROLE_DRIVER && !c->pair && c->life == LIFE_READY;
	}
	reported = true;
	if (!ports)
		output_line("moxie: no network port works");
	else
		output_line("moxie: ready %lu ms since power-on, %s %s, %u port%s, %u domains on "
		            "%u core%s",
		            (unsigned long)(mx_now() / MX_MS), init.config.host_name,
		            init.routing ? "routes" : "serves", ports, ports == 1 ? "" : "s",
		            count(LIFE_READY), mx_boot->cores, mx_boot->cores == 1 ? "" : "s");
}

void report_cause(const struct mx_child *e, char *text, uint32_t size)
{
	if (!e->child) {
		snprintf(text, size, "unseen, before init began");
		return;
	}
	switch (e->cause) {
	case MX_CAUSE_EXIT:
		snprintf(text, size, "exit with status %u", e->status);
		break;
	case MX_CAUSE_FAULT:
		snprintf(text, size, "fault vector %u at rip %#x address %#x", e->status, e->rip,
		         e->address);
		break;
	case MX_CAUSE_BUDGET:
		snprintf(text, size, "over its time budget at rip %#x", e->rip);
		break;
	case MX_CAUSE_KILLED:
		snprintf(text, size, "killed");
		break;
	case MX_CAUSE_DEVICE:
		snprintf(text, size, "its device reached for %#x, reason %u", e->address,
		         e->status);
		break;
	case MX_CAUSE_MISUSE:
		snprintf(text, size, "misuse, %u wrong entries and traps", e->status);
		break;
	case MX_CAUSE_CORE:
		snprintf(text, size, "its core was lost");
		break;
	default:
		snprintf(text, size, "cause %u", e->cause);
	}
}

void report_child(const struct mx_msg *m)
{
	char text[96];
	struct mx_child e;

	memcpy(&e, m->body, sizeof e);
	for (uint32_t i = 0; i < init.children_n; i++) {
		struct child *c = &init.children[i];

		if (c->handle != e.child || c->life == LIFE_NONE || c->life == LIFE_ENDED)
			continue;
		c->life = LIFE_ENDED;
		c->last = e;
		report_cause(&e, text, sizeof text);
		output_line("moxie: %s ended: %s, %u frames came home", c->request.name, text,
		            e.frames);
		counters_ended(c);
		restart_ended(c);
		report_ready();
		return;
	}
}

/*
 * A child goes on on another core: by the operator's `move`, or by the policy of loads.c.
 *
 * Interface: move_child, and the console's command `move NAME CORE [copy]`.
 * Rules: what init keeps of a child follows it, so that its restart, its figures and what it leaves
 * to its successor are those of the core where it is now.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "init/init.h"

static const char *error_text(int64_t error)
{
	switch (error) {
	case MX_ENOMEM:
		return "no memory there";
	case MX_EPERM:
		return "not permitted";
	case MX_EPEER:
		return "it has ended";
	case MX_EBUSY:
		return "something else is under way";
	default:
		return "request refused";
	}
}

int64_t move_child(struct child *c, uint32_t core, uint32_t flags, const char *why)
{
	struct mx_move m = {.child = c->handle, .core = core, .flags = flags};
	uint32_t from = c->request.core;
	int64_t error = ask_until_calm(MX_SPAWN_MOVE, &m);

	if (error != MX_OK) {
		output_line("moxie: %s cannot be moved to core %u: %s (%d)", c->request.name, core,
		            error_text(error), (int)error);
		return error;
	}
	c->request.core = core;
	c->watch.looked = false; /* the time that its core was idle is another's now */
	output_line("moxie: %s moved from core %u to core %u (%llu.%03llu ms)%s", c->request.name,
	            from, core, m.pause_ns / MX_MS, m.pause_ns % MX_MS / MX_US, why);
	return error;
}

static void move(struct child *c, uint32_t core, uint32_t flags)
{
	if (core >= mx_boot->cores)
		output_line("moxie: the machine has %u cores", mx_boot->cores);
	else if (!child_runs(c))
		output_line("moxie: %s does not run", c->request.name);
	else if (core == c->request.core)
		output_line("moxie: %s is on core %u", c->request.name, core);
	else if (move_child(c, core, flags, "") == MX_OK)
		loads_moved(c);
}

bool move_command(struct child *c, const char *words)
{
	char *end;
	unsigned long core = strtoul(words, &end, 10);
	bool copy = strcmp(end, " copy") == 0;

	if (*words < '0' || *words > '9' || (*end && !copy))
		return false;
	move(c, core < MX_CORES_MAX ? (uint32_t)core : MX_CORES_MAX, copy ? MX_MOVE_COPY : 0);
	return true;
}

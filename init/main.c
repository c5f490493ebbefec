/*
 * Init: the first domain. It reads bundle and configuration, spawns the others, tells each its
 * part, and answers the console.
 *
 * Rules: with a configuration that has an error, without a port, or without the memory for all,
 * only the console runs: it says why, and nothing is forwarded.
 */
#include <moxie/slots.h>
#include "init/init.h"

struct init init;

static void nothing_forwarded(const char *why)
{
	output_line("moxie: %s, nothing is forwarded", why);
}

/* What the composition shall be; false: there is nothing to run but the console. */
static bool choose(void)
{
	ports_find();
	if (!load_config()) {
		nothing_forwarded("configuration refused");
		return false;
	}
	ports_choose();
	if (!init.present)
		output_line("moxie: no network port found");
	else if (!init.active)
		output_line("moxie: no network port is in use");
	return init.active != 0;
}

static bool find_images(void)
{
	bool all = true;

	for (uint32_t i = 0; i < init.children_n; i++)
		all &= spawn_find_image(&init.children[i]);
	return all;
}

/* Only the console is left of the composition. */
static void console_only(void)
{
	for (uint32_t slot = MX_CONSOLE_LOG + 1; slot < MX_SLOTS; slot++)
		init.children[0].request.slots[slot].kind = MX_SLOT_NONE;
	init.children_n = 1;
	init.joints_n = 0;
}

static void start_console(void)
{
	if (!spawn_find_image(&init.children[0]) || !spawn_console())
		mx_exit(1); /* nobody could read what init has to say */
}

void domain_start(void)
{
	bool all;

	compose_console();
	all = choose();
	if (all)
		compose_all();
	cores_choose();
	if (all) {
		all = find_images() && budget_frames() && budget_memory();
		if (!all) {
			nothing_forwarded("start refused");
			console_only();
		}
	}
	start_console();
	if (all && !spawn_others()) {
		spawn_undo();
		nothing_forwarded("start failed");
	}
	mx_again();
}

/* A ring of a peer that has ended is not there any more: its end must not be used again. */
static void reopen(uint32_t slot)
{
	if (slot == MX_CONSOLE)
		output_open();
	else
		control_reopen(slot);
}

void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	(void)pending;
	for (uint32_t i = 0; i < n; i++) {
		if (in[i].kind == MX_EVENT_CHILD)
			report_child(&in[i]);
		else if (in[i].kind == MX_EVENT_GONE || in[i].kind == MX_EVENT_RESET)
			reopen(in[i].slot);
		else if (in[i].frame != MX_NOFRAME)
			mx_free(in[i].frame);
	}
	do {
		control_turn();
		command_turn();
		output_turn();
	} while (output_starved());
}

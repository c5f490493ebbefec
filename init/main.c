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

/*
 * Fits the composition to the machine. On one too small for all, a router without the appliance's
 * own services is better than none: first the web server goes, then the stack.
 */
static bool plan(void)
{
	bool stack = true, httpd = init.config.http;

	for (;;) {
		uint32_t child;
		enum role role;

		compose_all(stack, httpd);
		cores_choose();
		if (!find_images() || !budget_frames())
			return false;
		child = budget_memory();
		if (child == NO_CHILD)
			break;
		role = init.children[child].role;
		if (role == ROLE_HTTPD)
			httpd = false;
		else if (role == ROLE_STACK && init.routing)
			stack = httpd = false;
		else
			return false;
		output_line("moxie: %s", stack ? "the web server is left out"
		                               : "the stack is left out: packets are routed, but "
		                                 "nothing is served or answered here");
	}
	cores_check();
	return true;
}

static void start_console(void)
{
	if (!spawn_console())
		mx_exit(1); /* nobody could read what init has to say */
}

void domain_start(void)
{
	bool all = choose();

	if (all && !plan()) {
		nothing_forwarded("start refused");
		all = false;
	}
	if (!all) {
		compose_console();
		cores_choose();
		if (find_images())
			budget_memory();
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

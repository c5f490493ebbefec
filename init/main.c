/*
 * Init: the first domain. It reads bundle and configuration, spawns the others, tells each its
 * part, and answers the console.
 *
 * Rules: with a configuration that has an error, without a port, or without the memory for the
 * least of it, only the console runs: it says why, and nothing is forwarded.
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
	lattice_refresh(); /* before the configuration takes what is left of the heap */
	if (!load_config()) {
		nothing_forwarded("configuration refused");
		return false;
	}
	ports_choose();
	pairs_choose();
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

/* Of what a router can do without, the least; 0: there is nothing more to leave out. */
static uint32_t leave_out(uint32_t roles)
{
	static const struct {
		enum role role;
		const char *text;
	} order[] = {
	        {ROLE_IPERF3, "the iperf3 server is left out"},
	        {ROLE_HTTPD, "the web server is left out"},
	        {ROLE_STACK, "the stack is left out: packets are routed, but nothing is served or "
	                     "answered here"},
	};

	for (uint32_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		if (!(roles & IN(order[i].role)) || (order[i].role == ROLE_STACK && !init.routing))
			continue;
		output_line("moxie: %s", order[i].text);
		return IN(order[i].role);
	}
	return 0;
}

/*
 * Fits the composition to the machine. On one too small for all, a router without the appliance's
 * own services is better than none.
 */
static bool plan(void)
{
	uint32_t roles = IN(ROLE_STACK), child, out;

	roles |= init.config.http ? IN(ROLE_HTTPD) : 0;
	roles |= init.config.iperf3 ? IN(ROLE_IPERF3) : 0;
	for (;;) {
		compose_all(roles);
		wishes_grant();
		if (!find_images())
			return false;
		adopt_claim();
		cores_choose();
		if (!budget_frames())
			return false;
		cores_choose(); /* once more, by what their channels take of the memory */
		if (!budget_frames())
			return false;
		adopt_settle();
		child = budget_memory();
		if (child == NO_CHILD)
			break;
		out = init.children[child].role >= ROLE_STACK ? leave_out(roles) : 0;
		if (!out)
			return false;
		roles &= ~out;
	}
	cores_tell();
	return true;
}

static void start_console(void)
{
	if (!spawn_console())
		mx_exit(1); /* nobody could read what init has to say */
}

/* Only the console, which says why. */
static void plan_console(void)
{
	compose_console();
	wishes_grant();
	init.children[0].image = NULL; /* what the file says may be what is wrong */
	if (!find_images())
		return;
	adopt_claim();
	cores_choose();
	adopt_settle();
	budget_memory();
}

void domain_start(void)
{
	bool all = choose();

	adopt_look();
	if (all && !plan()) {
		nothing_forwarded("start refused");
		all = false;
	}
	if (!all)
		plan_console();
	mx_again();
	if (adopt_all())
		return;
	start_console();
	if (all && !spawn_others()) {
		spawn_undo();
		nothing_forwarded("start failed");
	}
}

void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	(void)pending;
	for (uint32_t i = 0; i < n; i++) {
		if (in[i].kind == MX_EVENT_CHILD)
			report_child(&in[i]);
		else if (in[i].frame != MX_NOFRAME)
			mx_free(in[i].frame);
	}
	restart_turn();
	watchdog_turn();
	loads_turn();
	do {
		control_turn();
		if (pairs_turn())
			control_turn();
		command_turn();
		output_turn();
	} while (output_starved());
}

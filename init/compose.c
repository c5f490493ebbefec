/*
 * The composition: which domains there are, their slots, and which slots belong together.
 *
 * Interface: compose_console, then compose_all; both only fill init.children and init.joints.
 * The slots are those of moxie/slots.h. Depths of owning slots, memory and quotas come from
 * budget.c, which knows all of them.
 */
#include <stdio.h>
#include <string.h>
#include <moxie/driver.h>
#include <moxie/slots.h>
#include "init/init.h"

#define CONTROL_FIRST 2u /* init's slots: 0 unused, 1 console, from here the children's control */
#define VECTORS       3u /* of a virtio-net device: configuration, receive, transmit */

static const struct {
	const char *name;
	uint32_t flags;
	uint32_t stack; /* pages */
} roles[ROLES] = {
        [ROLE_CONSOLE] = {"console", MX_SPAWN_UART, 4},
        [ROLE_DRIVER] = {"eth%u", 0, 8},
        [ROLE_ROUTER] = {"router", MX_SPAWN_WINDOW, 8},
        [ROLE_STACK] = {"stack", MX_SPAWN_WINDOW, 8},
        [ROLE_HTTPD] = {"httpd", MX_SPAWN_WINDOW, 8},
        [ROLE_IPERF3] = {"iperf3", MX_SPAWN_WINDOW, 8},
};

static struct child *add(enum role role, uint32_t port)
{
	uint32_t n = init.children_n++;
	struct child *c = &init.children[n];
	struct mx_spawn *q = &c->request;

	*c = (struct child){.role = role, .port = port, .own_slot = CONTROL_FIRST + n};
	if (role == ROLE_DRIVER)
		snprintf(q->name, sizeof q->name, "eth%u", port);
	else
		strcpy(q->name, roles[role].name);
	q->flags = roles[role].flags;
	q->stack = roles[role].stack;
	q->device = -1;
	q->slots[MX_PARENT] = mx_control_spec;
	if (n) {
		struct child *console = &init.children[0];

		q->slots[MX_CONSOLE] = mx_line_spec;
		console->request.slots[MX_CONSOLE_LOG + n] = mx_line_spec;
		init.joints[init.joints_n++] = (struct joint){n, MX_CONSOLE, 0, MX_CONSOLE_LOG + n};
	}
	return c;
}

void compose_console(void)
{
	struct mx_slot_spec *slots;

	init.children_n = init.joints_n = 0;
	slots = add(ROLE_CONSOLE, 0)->request.slots;
	slots[MX_CONSOLE_LOG] = mx_line_spec;
	slots[MX_CONSOLE_IRQ] = (struct mx_slot_spec){.kind = MX_SLOT_IRQ};
}

static void add_driver(uint32_t port)
{
	struct mx_spawn *q = &add(ROLE_DRIVER, port)->request;
	const struct mx_device *d = &machine()->devices[init.device[port]];
	struct mx_driver_args args = {.port = port};

	q->device = init.device[port];
	for (uint32_t v = 0; v < VECTORS && v < d->vectors; v++)
		q->slots[MX_DRIVER_IRQ + v] =
		        (struct mx_slot_spec){.kind = MX_SLOT_IRQ, .depth = (uint16_t)v};
	memcpy(args.config, d->config, sizeof args.config);
	memcpy(q->args, &args, sizeof args);
	q->args_len = sizeof args;
}

static bool looks(const struct child *c)
{
	return c->role != ROLE_DRIVER && c->role != ROLE_IPERF3;
}

/* Drivers, and who only counts, leave their frames unmapped; everybody else reads headers. */
static void join(uint32_t a, uint32_t a_slot, uint32_t b, uint32_t b_slot)
{
	const struct joint j = {a, a_slot, b, b_slot};

	for (uint32_t end = 0; end < 2; end++) {
		struct child *c = &init.children[end ? b : a];

		c->request.slots[end ? b_slot : a_slot] = (struct mx_slot_spec){
		        .kind = MX_SLOT_OWNING, .flags = looks(c) ? MX_SLOT_MAPPED : 0};
	}
	init.joints[init.joints_n++] = j;
}

static void add_drivers(uint32_t peer, uint32_t first_slot)
{
	for (uint32_t p = 0; p < MX_PORTS; p++)
		if (port_active(p)) {
			add_driver(p);
			join(init.children_n - 1, MX_DRIVER_PEER, peer, first_slot + p);
		}
}

/* An application is told how much of the frozen frames is the bundle: what it sends is there. */
static void add_app(enum role role, uint32_t stack, uint32_t stack_slot)
{
	uint64_t bundle_size = mx_boot->bundle.size;
	uint32_t app = init.children_n;
	struct mx_spawn *q = &add(role, 0)->request;

	memcpy(q->args, &bundle_size, sizeof bundle_size);
	q->args_len = sizeof bundle_size;
	join(stack, stack_slot, app, MX_APP_STACK);
}

void compose_all(uint32_t wanted)
{
	uint32_t router = 1, last;

	compose_console();
	if (init.routing) {
		add(ROLE_ROUTER, 0);
		add_drivers(router, MX_ROUTER_PORT);
	}
	if (!(wanted & IN(ROLE_STACK)))
		return;
	last = init.children_n;
	add(ROLE_STACK, 0);
	if (init.routing)
		join(router, MX_ROUTER_STACK, last, MX_STACK_ROUTER);
	else
		add_drivers(last, MX_STACK_PORT);
	if (wanted & IN(ROLE_HTTPD))
		add_app(ROLE_HTTPD, last, MX_STACK_APP);
	if (wanted & IN(ROLE_IPERF3))
		add_app(ROLE_IPERF3, last, MX_STACK_APP + 1);
}

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
#include <moxie/pair.h>
#include <moxie/replica.h>
#include <moxie/slots.h>
#include "init/init.h"

#define CONTROL_FIRST 2u /* init's slots: 0 unused, 1 console, from here the children's control */
#define VECTORS       3u /* of a driver: configuration, receive, transmit */

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

/* The first of several has the bare name. */
static void name(struct child *c)
{
	struct mx_spawn *q = &c->request;

	if (c->role == ROLE_DRIVER && c->pair)
		snprintf(q->name, sizeof q->name, "eth%u.%u", c->port % MX_PORTS,
		         c->pair % MX_PAIRS);
	else if (c->role == ROLE_DRIVER)
		snprintf(q->name, sizeof q->name, "eth%u", c->port);
	else if (c->pair)
		snprintf(q->name, sizeof q->name, "%s%u", roles[c->role].name, c->pair);
	else
		strcpy(q->name, roles[c->role].name);
}

static struct child *add(enum role role, uint32_t port, uint32_t pair)
{
	uint32_t n = init.children_n++;
	struct child *c = &init.children[n];
	struct mx_spawn *q = &c->request;

	*c = (struct child){
	        .role = role, .port = port, .pair = pair, .own_slot = CONTROL_FIRST + n};
	name(c);
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
	struct mx_spawn *q;

	init.children_n = init.joints_n = 0;
	q = &add(ROLE_CONSOLE, 0, 0)->request;
	q->slots[MX_CONSOLE_LOG] = mx_line_spec;
	q->slots[MX_CONSOLE_IRQ] = (struct mx_slot_spec){.kind = MX_SLOT_IRQ};
	memcpy(q->args, &machine()->screen, sizeof machine()->screen);
	q->args_len = sizeof machine()->screen;
}

/*
 * Vectors: the configuration's, then two a pair. Only the owner of the device has the first, and a
 * port of the host has none.
 */
static void set_vectors(struct mx_spawn *q, const struct mx_device *d, uint32_t pair)
{
	for (uint32_t i = pair || device_is_host(d) ? 1 : 0; i < VECTORS; i++) {
		uint32_t vector = i ? 2 * pair + i : 0;

		if (vector < d->vectors)
			q->slots[MX_DRIVER_IRQ + i] = (struct mx_slot_spec){
			        .kind = MX_SLOT_IRQ, .depth = (uint16_t)vector};
	}
}

/* Pair 0 owns the device; the others have doorbells, vectors and rings, or a queue, of theirs. */
static void add_driver(uint32_t port, uint32_t pair)
{
	struct mx_spawn *q = &add(ROLE_DRIVER, port, pair)->request;
	const struct mx_device *d = &machine()->devices[init.device[port]];
	struct mx_driver_args args = {.port = port, .pair = pair, .pairs = init.pairs};

	q->device = init.device[port];
	set_vectors(q, d, pair);
	if (init.pairs > 1)
		pairs_share(d, &args.bar);
	if (pair)
		q->share = args.bar;
	if (!pair || device_is_host(d)) /* each queue has a descriptor of its own */
		memcpy(args.config, d->config, sizeof args.config);
	memcpy(q->args, &args, sizeof args);
	q->args_len = sizeof args;
}

/* Two domains with a plain channel. */
static void join_plain(uint32_t a, uint32_t a_slot, uint32_t b, uint32_t b_slot,
                       struct mx_slot_spec spec)
{
	init.children[a].request.slots[a_slot] = spec;
	init.children[b].request.slots[b_slot] = spec;
	init.joints[init.joints_n++] = (struct joint){a, a_slot, b, b_slot};
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

/* peer: of pair 0; those of the others stand behind it. */
static void add_drivers(uint32_t peer, uint32_t first_slot)
{
	for (uint32_t p = 0; p < MX_PORTS; p++) {
		uint32_t lead = init.children_n;

		for (uint32_t k = 0; k < init.pairs && port_active(p); k++) {
			add_driver(p, k);
			join(lead + k, MX_DRIVER_PEER, peer + k, first_slot + p);
			if (k)
				join_plain(lead, MX_DRIVER_PAIR + k, lead + k, MX_DRIVER_LEAD,
				           mx_pair_spec);
		}
	}
}

/* One replica a queue pair, each joined to each. */
static void add_routers(uint32_t first)
{
	for (uint32_t k = 0; k < init.pairs; k++) {
		struct mx_spawn *q = &add(ROLE_ROUTER, 0, k)->request;
		struct mx_router_args args = {.replica = k, .replicas = init.pairs};

		memcpy(q->args, &args, sizeof args);
		q->args_len = sizeof args;
		for (uint32_t i = 0; i < k; i++)
			join_plain(first + i, MX_ROUTER_SIBLING + k, first + k,
			           MX_ROUTER_SIBLING + i, mx_neighbour_spec);
	}
}

static void join_stack(uint32_t router, uint32_t stack)
{
	for (uint32_t k = 0; k < init.pairs; k++)
		join(router + k, MX_ROUTER_STACK, stack,
		     k ? MX_STACK_REPLICA + k : MX_STACK_ROUTER);
}

/* An application is told how much of the frozen frames is the bundle: what it sends is there. */
static void add_app(enum role role, uint32_t stack, uint32_t stack_slot)
{
	uint64_t bundle_size = mx_boot->bundle.size;
	uint32_t app = init.children_n;
	struct mx_spawn *q = &add(role, 0, 0)->request;

	memcpy(q->args, &bundle_size, sizeof bundle_size);
	q->args_len = sizeof bundle_size;
	join(stack, stack_slot, app, MX_APP_STACK);
}

void compose_all(uint32_t wanted)
{
	uint32_t router = 1, last;

	compose_console();
	if (init.routing) {
		add_routers(router);
		add_drivers(router, MX_ROUTER_PORT);
	}
	if (!(wanted & IN(ROLE_STACK)))
		return;
	last = init.children_n;
	add(ROLE_STACK, 0, 0);
	if (init.routing)
		join_stack(router, last);
	else
		add_drivers(last, MX_STACK_PORT);
	if (wanted & IN(ROLE_HTTPD))
		add_app(ROLE_HTTPD, last, MX_STACK_APP);
	if (wanted & IN(ROLE_IPERF3))
		add_app(ROLE_IPERF3, last, MX_STACK_APP + 1);
}

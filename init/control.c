/*
 * The control channels: each child's part of the configuration, and what it answers.
 *
 * A large configuration exceeds the ring, so each child has a cursor: sending stops at a full ring
 * and goes on when the slot becomes pending. Counters: counters.c.
 * Rules: a child may flood, lie, or say nothing. Of each a bounded number of messages is read in a
 * turn, and who was asked for counters and stops reporting, or does not stop, is waited for no
 * more.
 */
#include <stdio.h>
#include <string.h>
#include "init/init.h"

#define HEARD 64u /* messages of a child in one turn */

enum step { PORTS, ADDRESSES, ROUTES, SERVICE, GO, PAIRS, ASK, NOTHING };

/* Which steps concern a role. */
static bool concerns(const struct child *c, enum step step)
{
	switch (step) {
	case PORTS:
		return c->role == ROLE_DRIVER || c->role == ROLE_ROUTER || c->role == ROLE_STACK;
	case ADDRESSES:
		return c->role == ROLE_ROUTER || c->role == ROLE_STACK;
	case ROUTES: /* without a router the stack needs them */
		return c->role == ROLE_ROUTER || (c->role == ROLE_STACK && !init.routing);
	case SERVICE:
		return c->role == ROLE_HTTPD || c->role == ROLE_IPERF3;
	case GO:
		return true;
	case PAIRS:
		return c->role == ROLE_DRIVER && !c->pair && init.pairs > 1;
	default:
		return false;
	}
}

static bool next_port(struct child *c, struct mx_control *m)
{
	while (c->cursor.index < MX_PORTS) {
		uint32_t p = c->cursor.index++;

		if (!port_active(p) || (c->role == ROLE_DRIVER && c->port != p))
			continue;
		*m = (struct mx_control){
		        .op = MX_CTL_PORT, .port = (uint16_t)p, .value = init.config.ports[p].mtu};
		snprintf(m->name, sizeof m->name, "eth%u", p);
		return true;
	}
	return false;
}

static bool next_address(struct child *c, struct mx_control *m)
{
	for (; c->cursor.port < MX_PORTS; c->cursor.port++, c->cursor.index = 0) {
		const struct config_port *port = &init.config.ports[c->cursor.port];
		const struct config_net *net;

		if (!port_active(c->cursor.port) || c->cursor.index >= port->addresses_n)
			continue;
		net = &port->addresses[c->cursor.index++].net;
		*m = (struct mx_control){.op = MX_CTL_ADDRESS,
		                         .port = (uint16_t)c->cursor.port,
		                         .family = net->family,
		                         .prefix = net->prefix};
		memcpy(m->addr, net->addr, sizeof m->addr);
		return true;
	}
	return false;
}

/* A route by a port that is off has no gateway to go to. */
static bool route_works(const struct config_route *r)
{
	if (r->blackhole)
		return true;
	if (r->port != CONFIG_NO_PORT)
		return port_active(r->port);
	for (uint32_t p = 0; p < MX_PORTS; p++) {
		const struct config_port *port = &init.config.ports[p];

		for (uint32_t i = 0; port_active(p) && i < port->addresses_n; i++)
			if (config_covers(&port->addresses[i].net, r->to.family, r->via))
				return true;
	}
	return false;
}

static bool next_route(struct child *c, struct mx_control *m)
{
	while (c->cursor.index < init.config.routes_n) {
		const struct config_route *r = &init.config.routes[c->cursor.index++];

		if (!route_works(r))
			continue;
		*m = (struct mx_control){.op = MX_CTL_ROUTE,
		                         .port = r->port,
		                         .family = r->to.family,
		                         .prefix = r->to.prefix,
		                         .flags = r->blackhole ? MX_ROUTE_BLACKHOLE : 0};
		memcpy(m->addr, r->to.addr, sizeof m->addr);
		memcpy(m->via, r->via, sizeof m->via);
		return true;
	}
	return false;
}

static bool next_once(struct child *c, struct mx_control *m)
{
	if (c->cursor.index++)
		return false;
	*m = (struct mx_control){.op = MX_CTL_GO};
	if (c->cursor.step == SERVICE) {
		bool http = c->role == ROLE_HTTPD;

		*m = (struct mx_control){.op = MX_CTL_SERVICE};
		m->value = http ? init.config.http_port : init.config.iperf3_port;
		strcpy(m->name, http ? "http" : "iperf3");
	} else if (c->cursor.step == PAIRS) {
		*m = (struct mx_control){.op = MX_CTL_PAIRS, .value = init.pairs_used};
	} else if (c->cursor.step == ASK) {
		*m = (struct mx_control){.op = MX_CTL_COUNTERS, .value = c->ticket};
	}
	return true;
}

static bool next_of_step(struct child *c, struct mx_control *m)
{
	switch (c->cursor.step) {
	case PORTS:
		return next_port(c, m);
	case ADDRESSES:
		return next_address(c, m);
	case ROUTES:
		return next_route(c, m);
	default:
		return next_once(c, m);
	}
}

/* The next message for a child; false: there is none. */
bool control_next(struct child *c, struct mx_control *m)
{
	while (c->cursor.step < NOTHING) {
		bool asked = c->cursor.step == ASK; /* which is not entered by itself */

		if (asked || concerns(c, c->cursor.step)) {
			if (c->cursor.step == PAIRS && !init.pairs_used)
				return false;
			if (next_of_step(c, m))
				return true;
		}
		c->cursor.step = asked || c->cursor.step == PAIRS ? NOTHING : c->cursor.step + 1;
		c->cursor.index = c->cursor.port = 0;
	}
	return false;
}

/* The cursor moves only when the ring took the message. */
static void tell(struct child *c)
{
	struct mx_control m = {.op = MX_CTL_ALIVE, .value = c->watch.ticket};

	if (c->watch.state == WATCH_DUE && mx_control_try_send(&c->control, &m))
		c->watch.state = WATCH_ASKED;
	for (;;) {
		struct cursor before = c->cursor;

		if (!control_next(c, &m))
			return;
		if (!mx_control_try_send(&c->control, &m)) {
			c->cursor = before;
			return;
		}
	}
}

/* One that works, and has heard its configuration. */
bool control_ask(struct child *c, uint64_t ticket)
{
	if (c->life != LIFE_READY || c->cursor.step != NOTHING)
		return false;
	c->ticket = ticket;
	c->cursor = (struct cursor){.step = ASK};
	tell(c);
	return true;
}

static void hear_one(struct child *c, const struct mx_control *m)
{
	if (m->op == MX_CTL_READY && c->life == LIFE_STARTED) {
		c->life = LIFE_READY;
		restart_ready(c);
		report_ready();
	} else if (m->op == MX_CTL_ALIVE) {
		watchdog_hear(c, m->value);
	} else if (m->op == MX_CTL_PAIRS_HAD && !pairs_hear(c, m->value)) {
		restart_fail(c);
	} else {
		counters_hear(c, m);
	}
}

static void hear(struct child *c)
{
	struct mx_control m;

	for (uint32_t n = 0; counters_take(c); n++) {
		if (n == HEARD) {
			mx_again();
			return;
		}
		if (!mx_control_recv(&c->control, &m))
			return;
		hear_one(c, &m);
	}
}

void control_turn(void)
{
	for (uint32_t i = 0; i < init.children_n; i++) {
		struct child *c = &init.children[i];

		if (!child_runs(c))
			continue;
		tell(c);
		hear(c);
	}
	counters_turn();
}

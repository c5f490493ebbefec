/*
 * What init tells the router: ports, addresses, routes, and that the configuration is complete.
 *
 * init has checked the configuration; what still cannot be is refused with a line on the console,
 * since a table that is silently short would be worse.
 */
#include <moxie/counters.h>
#include "route.h"

static void refused(const struct mx_control *m, const char *why)
{
	mx_log("refused: operation %u, port %u: %s", m->op, m->port, why);
}

static bool sane(const struct mx_control *m)
{
	return (m->family == 4 && m->prefix <= 32) || (m->family == 6 && m->prefix <= 128);
}

static struct port *port_of(const struct mx_control *m)
{
	return m->port < MX_PORTS && ports[m->port].exists ? &ports[m->port] : NULL;
}

static void set_port(const struct mx_control *m)
{
	if (m->port >= MX_PORTS || m->value > UINT16_MAX) {
		refused(m, "no such port or MTU");
		return;
	}
	ports[m->port].exists = true;
	port_mtu(&ports[m->port], (uint16_t)m->value);
}

/* Init tells again what it told when it began anew. */
static bool has_address(struct port *p, const struct mx_control *m)
{
	const struct own *own = port_own(p, m->family, ip_load(m->addr, m->family));

	return own && own->prefix == m->prefix;
}

static void set_address(const struct mx_control *m)
{
	struct port *p = port_of(m);

	if (!p || !sane(m))
		refused(m, "no such port or prefix");
	else if (has_address(p, m))
		return;
	else if (!port_address(p, m->family, ip_load(m->addr, m->family), m->prefix))
		refused(m, "no room for another address");
	else if (router_open && p->up)
		announce_start(p);
}

static void set_route(const struct mx_control *m)
{
	struct port *p = port_of(m);
	struct hop hop = {.family = m->family, .port = p ? p->index : ROUTE_ANY_PORT};

	if (!sane(m)) {
		refused(m, "no such prefix");
		return;
	}
	hop.via = ip_load(m->via, m->family);
	if (m->flags & MX_ROUTE_BLACKHOLE)
		hop = (struct hop){.kind = HOP_BLACKHOLE, .family = m->family};
	else
		hop.kind = ip_zero(hop.via) ? HOP_LINK : HOP_GATEWAY;
	if (hop.kind == HOP_LINK && !p)
		refused(m, "a route on a link needs a port");
	else if (!route_add(ip_net(ip_load(m->addr, m->family), m->prefix), m->prefix, &hop))
		refused(m, "no room for another route");
	else if (router_open)
		route_resolve();
}

static void go(void)
{
	route_resolve();
	router_open = true;
	for (uint32_t i = 0; i < MX_PORTS; i++) {
		if (ports[i].up && !ports[i].settled)
			announce_start(&ports[i]);
	}
}

bool control_input(const struct mx_control *m)
{
	switch (m->op) {
	case MX_CTL_PORT:
		set_port(m);
		break;
	case MX_CTL_ADDRESS:
		set_address(m);
		break;
	case MX_CTL_ROUTE:
		set_route(m);
		break;
	case MX_CTL_COUNTERS:
		mx_counters_ask(m->value);
		break;
	case MX_CTL_GO:
		go();
		return true;
	}
	return false;
}

/*
 * The statements there are: one row a leaf, and what each does.
 *
 * A row's path holds words and kinds of values in <>; its setter gets the values in order. A new
 * feature adds rows here, kinds in value.c, and rules between statements in check.c.
 * Rules: a leaf may be repeated with the same value; another value conflicts, but for `address`,
 * of which a port can have several.
 */
#include <string.h>
#include "config/parser.h"

/* Of a leaf with one value: true when it may be set, or is the same again; else p->why tells. */
static bool once(struct config_parser *p, uint32_t *line, bool same)
{
	if (!*line)
		*line = p->line;
	else if (!same)
		config_why(p, "conflicts with line %u", *line);
	return *line == p->line || same;
}

static const char *set_host(struct config_parser *p, const struct config_value *v)
{
	struct appliance_config *c = p->config;

	if (!once(p, &c->host_name_line, strcmp(c->host_name, v[0].text) == 0))
		return p->why;
	strcpy(c->host_name, v[0].text);
	return NULL;
}

static const char *set_composition(struct config_parser *p, const struct config_value *v)
{
	struct appliance_config *c = p->config;

	if (!once(p, &c->composition_line, c->composition == v[0].number))
		return p->why;
	c->composition = (enum config_composition)v[0].number;
	return NULL;
}

static const char *set_number(struct config_parser *p, uint32_t *field, uint32_t *line,
                              uint64_t number)
{
	if (!once(p, line, *field == number))
		return p->why;
	*field = (uint32_t)number;
	return NULL;
}

static const char *set_queues(struct config_parser *p, const struct config_value *v)
{
	struct appliance_config *c = p->config;

	return set_number(p, &c->queues, &c->queues_line, v[0].number);
}

static const char *set_migration(struct config_parser *p, const struct config_value *v)
{
	struct appliance_config *c = p->config;

	if (!once(p, &c->migration_line, c->migration == v[0].number))
		return p->why;
	c->migration = (enum config_switch)v[0].number;
	return NULL;
}

static const char *set_core(struct config_parser *p, const struct config_value *v)
{
	struct config_domain *d = &p->config->domains[v[0].number];

	return set_number(p, &d->core, &d->core_line, v[1].number);
}

static const char *set_memory(struct config_parser *p, const struct config_value *v)
{
	struct config_domain *d = &p->config->domains[v[0].number];

	return set_number(p, &d->heap, &d->heap_line, v[1].number);
}

static const char *set_frames(struct config_parser *p, const struct config_value *v)
{
	struct config_domain *d = &p->config->domains[v[0].number];

	return set_number(p, &d->frames, &d->frames_line, v[1].number);
}

static const char *set_budget(struct config_parser *p, const struct config_value *v)
{
	struct config_domain *d = &p->config->domains[v[0].number];

	return set_number(p, &d->budget, &d->budget_line, v[1].number);
}

static const char *set_restart(struct config_parser *p, const struct config_value *v)
{
	struct config_domain *d = &p->config->domains[v[0].number];

	return set_number(p, &d->restart, &d->restart_line, v[1].number);
}

static const char *set_limit(struct config_parser *p, const struct config_value *v)
{
	struct config_domain *d = &p->config->domains[v[0].number];

	return set_number(p, &d->limit, &d->limit_line, v[1].number);
}

static const char *set_watchdog(struct config_parser *p, const struct config_value *v)
{
	struct config_domain *d = &p->config->domains[v[0].number];

	return set_number(p, &d->watchdog, &d->watchdog_line, v[1].number);
}

static const char *set_image(struct config_parser *p, const struct config_value *v)
{
	struct config_domain *d = &p->config->domains[v[0].number];

	if (!once(p, &d->image_line, strcmp(d->image, v[1].text) == 0))
		return p->why;
	strcpy(d->image, v[1].text);
	return NULL;
}

static struct config_port *port_of(struct config_parser *p, const struct config_value *v)
{
	struct config_port *port = &p->config->ports[v->number];

	if (!port->line)
		port->line = p->line;
	return port;
}

static const char *set_address(struct config_parser *p, const struct config_value *v)
{
	struct config_port *port = port_of(p, &v[0]);
	const struct config_net *net = &v[1].net;

	for (uint32_t i = 0; i < port->addresses_n; i++) {
		const struct config_address *a = &port->addresses[i];

		if (a->net.family != net->family || memcmp(a->net.addr, net->addr, 16) != 0)
			continue;
		if (a->net.prefix == net->prefix)
			return NULL;
		return config_why(p, "conflicts with line %u", a->line);
	}
	if (port->addresses_n == CONFIG_ADDRESSES)
		return "too many addresses: at most 8 a port";
	port->addresses[port->addresses_n++] = (struct config_address){*net, p->line};
	return NULL;
}

static const char *set_mtu(struct config_parser *p, const struct config_value *v)
{
	struct config_port *port = port_of(p, &v[0]);

	if (!once(p, &port->mtu_line, port->mtu == v[1].number))
		return p->why;
	port->mtu = (uint16_t)v[1].number;
	return NULL;
}

static const char *set_description(struct config_parser *p, const struct config_value *v)
{
	struct config_port *port = port_of(p, &v[0]);

	if (!once(p, &port->description_line, strcmp(port->description, v[1].text) == 0))
		return p->why;
	strcpy(port->description, v[1].text);
	return NULL;
}

static const char *set_disable(struct config_parser *p, const struct config_value *v)
{
	port_of(p, &v[0])->disabled = true;
	return NULL;
}

/* Duplicates are found when all routes are sorted: see check.c. */
static const char *add_route(struct config_parser *p, const struct config_net *to,
                             const struct config_net *via, uint16_t port)
{
	struct appliance_config *c = p->config;
	struct config_route *route = &c->routes[c->routes_n];

	if (c->routes_n == c->routes_max)
		return config_why(p, "too many routes: memory is for %u", c->routes_max);
	*route = (struct config_route){.to = *to, .blackhole = !via, .port = port, .line = p->line};
	if (via)
		memcpy(route->via, via->addr, sizeof route->via);
	c->routes_n++;
	return NULL;
}

static const char *set_route(struct config_parser *p, const struct config_value *v)
{
	return add_route(p, &v[0].net, &v[1].net, CONFIG_NO_PORT);
}

static const char *set_route_port(struct config_parser *p, const struct config_value *v)
{
	return add_route(p, &v[0].net, &v[1].net, (uint16_t)v[2].number);
}

static const char *set_blackhole(struct config_parser *p, const struct config_value *v)
{
	return add_route(p, &v[0].net, NULL, CONFIG_NO_PORT);
}

static const char *set_http_port(struct config_parser *p, const struct config_value *v)
{
	struct appliance_config *c = p->config;

	if (!once(p, &c->http_port_line, c->http_port == v[0].number))
		return p->why;
	c->http_port = (uint16_t)v[0].number;
	c->http = true;
	return NULL;
}

/* VyOS creates a node by its bare name. */
static const char *set_http(struct config_parser *p, const struct config_value *v)
{
	(void)v;
	p->config->http = true;
	return NULL;
}

/* UDP tests use the same number. */
static const char *set_iperf3_port(struct config_parser *p, const struct config_value *v)
{
	struct appliance_config *c = p->config;

	if (!once(p, &c->iperf3_port_line, c->iperf3_port == v[0].number))
		return p->why;
	c->iperf3_port = (uint16_t)v[0].number;
	c->iperf3 = true;
	return NULL;
}

static const char *set_iperf3(struct config_parser *p, const struct config_value *v)
{
	(void)v;
	p->config->iperf3 = true;
	return NULL;
}

const struct config_leaf config_schema[] = {
        {"system host-name <host>", set_host},
        {"system composition <composition>", set_composition},
        {"system queues <queues>", set_queues},
        {"system migration <switch>", set_migration},
        {"system domain <domain> core <core>", set_core},
        {"system domain <domain> memory <memory>", set_memory},
        {"system domain <domain> frames <frames>", set_frames},
        {"system domain <domain> budget <ms>", set_budget},
        {"system domain <domain> image <image>", set_image},
        {"system domain <domain> restart <restart>", set_restart},
        {"system domain <domain> restart-limit <restarts>", set_limit},
        {"system domain <domain> watchdog <seconds>", set_watchdog},
        {"interfaces ethernet <port> address <address>", set_address},
        {"interfaces ethernet <port> mtu <mtu>", set_mtu},
        {"interfaces ethernet <port> description <text>", set_description},
        {"interfaces ethernet <port> disable", set_disable},
        {"protocols static route <prefix> next-hop <gateway>", set_route},
        {"protocols static route <prefix> next-hop <gateway> interface <port>", set_route_port},
        {"protocols static route <prefix> blackhole", set_blackhole},
        {"protocols static route6 <prefix6> next-hop <gateway6>", set_route},
        {"protocols static route6 <prefix6> next-hop <gateway6> interface <port>", set_route_port},
        {"protocols static route6 <prefix6> blackhole", set_blackhole},
        {"service http", set_http},
        {"service http port <tcp-port>", set_http_port},
        {"service iperf3", set_iperf3},
        {"service iperf3 port <tcp-port>", set_iperf3_port},
};
const uint32_t config_schema_n = sizeof config_schema / sizeof config_schema[0];

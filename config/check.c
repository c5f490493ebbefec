/*
 * Rules between statements, checked when all are read.
 *
 * Ports do not share a net; a route does not lead to two places, nor replace a connected net; a
 * gateway is a neighbour; IPv6 has its least MTU. A disabled port counts like any other, so that
 * disabling one never makes a text wrong.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/parser.h"

#define NET_TEXT (INET6_ADDRSTRLEN + 4)

static const char *net_text(const struct config_net *net, char *text)
{
	inet_ntop(net->family == 4 ? AF_INET : AF_INET6, net->addr, text, INET6_ADDRSTRLEN);
	sprintf(text + strlen(text), "/%u", net->prefix);
	return text;
}

static void refuse_net(struct config_parser *p, uint32_t line, const struct config_net *net,
                       const char *reason)
{
	char text[NET_TEXT];

	net_text(net, text);
	config_error(p, line, text, (uint32_t)strlen(text), reason);
}

static void refuse_gateway(struct config_parser *p, const struct config_route *route,
                           const char *reason)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(route->to.family == 4 ? AF_INET : AF_INET6, route->via, text, sizeof text);
	config_error(p, route->line, text, (uint32_t)strlen(text), reason);
}

/* Each address of a port against all of the ports before it: they must lie in other nets. */
static void check_overlap(struct config_parser *p, uint32_t port, const struct config_address *a)
{
	for (uint32_t other = 0; other < port; other++) {
		const struct config_port *q = &p->config->ports[other];

		for (uint32_t i = 0; i < q->addresses_n; i++) {
			const struct config_net *net = &q->addresses[i].net;
			uint32_t bits = net->prefix < a->net.prefix ? net->prefix : a->net.prefix;

			if (net->family != a->net.family ||
			    !config_same_net(net->addr, a->net.addr, bits))
				continue;
			refuse_net(p, a->line, &a->net,
			           config_why(p, "same net as eth%u on line %u", other,
			                      q->addresses[i].line));
			return;
		}
	}
}

/* RFC 8200, section 5: IPv6 needs links of 1280 bytes. */
static void check_port(struct config_parser *p, uint32_t n)
{
	const struct config_port *port = &p->config->ports[n];

	for (uint32_t i = 0; i < port->addresses_n; i++) {
		const struct config_address *a = &port->addresses[i];

		check_overlap(p, n, a);
		if (a->net.family == 6 && port->mtu && port->mtu < 1280)
			refuse_net(p, a->line, &a->net,
			           config_why(p, "IPv6 needs an MTU of 1280, line %u says %u",
			                      port->mtu_line, port->mtu));
	}
}

static uint32_t ipv4(const uint8_t *a)
{
	return (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 | a[3];
}

/* What is wrong with a gateway that lies in the net of `a`; NULL when it can be a neighbour. */
static const char *bad_neighbour(const struct config_net *a, const uint8_t *via)
{
	uint32_t host;

	if (memcmp(a->addr, via, 16) == 0)
		return "is an address of the appliance itself";
	if (a->family == 6 || a->prefix >= 31)
		return NULL;
	host = UINT32_MAX >> a->prefix;
	if ((ipv4(via) & host) == 0)
		return "is the address of the net itself";
	return (ipv4(via) & host) == host ? "is the broadcast address of its net" : NULL;
}

/* Only the named port, or all of them. */
static void check_gateway(struct config_parser *p, const struct config_route *route)
{
	bool local =
	        route->to.family == 6 && route->via[0] == 0xfe && (route->via[1] & 0xc0) == 0x80;

	if (local) {
		if (route->port == CONFIG_NO_PORT)
			refuse_gateway(p, route, "a link-local gateway needs 'interface'");
		return;
	}
	for (uint32_t n = 0; n < MX_PORTS; n++) {
		const struct config_port *port = &p->config->ports[n];

		if (route->port != CONFIG_NO_PORT && route->port != n)
			continue;
		for (uint32_t i = 0; i < port->addresses_n; i++) {
			const struct config_net *net = &port->addresses[i].net;
			const char *reason;

			if (!config_covers(net, route->to.family, route->via))
				continue;
			reason = bad_neighbour(net, route->via);
			if (reason)
				refuse_gateway(p, route, reason);
			return;
		}
	}
	if (!p->nets_unsure)
		refuse_gateway(p, route,
		               route->port == CONFIG_NO_PORT
		                       ? "gateway is on no connected net"
		                       : "gateway is on no net of the interface");
}

/* The router would have to choose between its own port and the gateway. */
static void check_connected(struct config_parser *p, const struct config_route *route)
{
	for (uint32_t n = 0; n < MX_PORTS; n++) {
		const struct config_port *port = &p->config->ports[n];

		for (uint32_t i = 0; i < port->addresses_n; i++) {
			const struct config_address *a = &port->addresses[i];

			if (a->net.prefix != route->to.prefix ||
			    !config_covers(&a->net, route->to.family, route->to.addr))
				continue;
			refuse_net(p, route->line, &route->to,
			           config_why(p, "is the connected net of eth%u, line %u", n,
			                      a->line));
			return;
		}
	}
}

static int by_net(const void *a, const void *b)
{
	const struct config_route *x = a, *y = b;
	int d = memcmp(&x->to, &y->to, sizeof x->to);

	return d ? d : x->line < y->line ? -1 : x->line > y->line;
}

static bool same_target(const struct config_route *a, const struct config_route *b)
{
	return a->blackhole == b->blackhole && a->port == b->port &&
	       memcmp(a->via, b->via, sizeof a->via) == 0;
}

/* Sorts the routes, drops repetitions, refuses those that lead elsewhere. */
static void check_duplicates(struct config_parser *p)
{
	struct appliance_config *c = p->config;
	uint32_t kept = 0;

	if (!c->routes_n)
		return;
	qsort(c->routes, c->routes_n, sizeof c->routes[0], by_net);
	for (uint32_t i = 1; i < c->routes_n; i++) {
		const struct config_route *first = &c->routes[kept], *r = &c->routes[i];

		if (memcmp(&first->to, &r->to, sizeof r->to) != 0)
			c->routes[++kept] = *r;
		else if (!same_target(first, r))
			refuse_net(p, r->line, &r->to,
			           config_why(p, "conflicts with line %u", first->line));
	}
	c->routes_n = kept + 1;
}

void config_check(struct config_parser *p)
{
	struct appliance_config *c = p->config;

	for (uint32_t n = 0; n < MX_PORTS; n++)
		check_port(p, n);
	check_duplicates(p);
	for (uint32_t i = 0; i < c->routes_n; i++) {
		check_connected(p, &c->routes[i]);
		if (!c->routes[i].blackhole)
			check_gateway(p, &c->routes[i]);
	}
}

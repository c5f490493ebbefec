/*
 * Where a packet of our own leaves, and by which gateway: lwIP's routing hooks.
 *
 * Rules: with a router the port only names the address used; the router decides. Without one the
 * source's own net comes first, then any connected net, then the longest static route whose
 * gateway is on a connected net. lwIP takes every IPv6 net of a port for a /64.
 */
#include <string.h>
#include "lwip/opt.h"
#include "lwip/netif.h"
#include "hooks.h"
#include "port.h"
#include "route.h"

#define ROUTES 64u

static struct route {
	uint8_t family, prefix;
	uint8_t addr[16];
	ip4_addr_t via4; /* any: on link */
	ip6_addr_t via6;
} routes[ROUTES];
static uint32_t routes_n;

/* By an address alone: the configuration has one gateway for a net. */
static bool known(const struct mx_control *m)
{
	for (uint32_t i = 0; i < routes_n; i++)
		if (routes[i].family == m->family && routes[i].prefix == m->prefix &&
		    memcmp(routes[i].addr, m->addr, sizeof m->addr) == 0)
			return true;
	return false;
}

bool route_add(const struct mx_control *m)
{
	struct route *r;

	if (m->prefix > (m->family == 4 ? 32 : 128))
		return false;
	if (known(m))
		return true;
	if (routes_n == ROUTES)
		return false;
	r = &routes[routes_n];
	*r = (struct route){.family = m->family, .prefix = m->prefix};
	memcpy(r->addr, m->addr, sizeof(r->addr));
	memcpy(&r->via4.addr, m->via, sizeof(r->via4.addr));
	memcpy(r->via6.addr, m->via, sizeof(r->via6.addr));
	routes_n++;
	return true;
}

static bool covers(const struct route *r, const uint8_t *dest)
{
	uint32_t bytes = r->prefix / 8, bits = r->prefix % 8;

	if (memcmp(r->addr, dest, bytes) != 0)
		return false;
	return !bits || ((r->addr[bytes] ^ dest[bytes]) >> (8 - bits)) == 0;
}

static struct route *longest(uint8_t family, const void *dest)
{
	struct route *best = NULL;

	for (struct route *r = routes; r < routes + routes_n; r++)
		if (r->family == family && covers(r, dest) && (!best || r->prefix > best->prefix))
			best = r;
	return best;
}

static bool usable(const struct netif *n)
{
	return netif_is_up(n) && netif_is_link_up(n);
}

/* The netif whose IPv4 net holds dest, that of the address src before others. */
static struct netif *connected4(const ip4_addr_t *src, const ip4_addr_t *dest)
{
	struct netif *n, *found = NULL;

	NETIF_FOREACH(n)
	{
		if (!usable(n) || ip4_addr_isany_val(*netif_ip4_addr(n)) ||
		    !ip4_addr_netcmp(dest, netif_ip4_addr(n), netif_ip4_netmask(n)))
			continue;
		if (src && ip4_addr_cmp(src, netif_ip4_addr(n)))
			return n;
		if (!found)
			found = n;
	}
	return found;
}

static struct netif *owner4(const ip4_addr_t *src)
{
	struct netif *n;

	NETIF_FOREACH(n)
	if (usable(n) && ip4_addr_cmp(src, netif_ip4_addr(n)))
		return n;
	return NULL;
}

struct netif *stack_route4(const ip4_addr_t *src, const ip4_addr_t *dest)
{
	struct netif *n = src && !ip4_addr_isany(src) ? owner4(src) : NULL;
	struct route *r;

	if (n && !port_is_ethernet(n))
		return n;
	n = connected4(src, dest);
	if (n)
		return n;
	r = longest(4, &dest->addr);
	return r ? connected4(src, ip4_addr_isany_val(r->via4) ? dest : &r->via4) : NULL;
}

const ip4_addr_t *stack_gateway4(struct netif *netif, const ip4_addr_t *dest)
{
	struct route *r = longest(4, &dest->addr);

	(void)netif;
	if (!r)
		return NULL;
	return ip4_addr_isany_val(r->via4) ? dest : &r->via4;
}

static bool owns6(const struct netif *n, const ip6_addr_t *src)
{
	for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
		if (ip6_addr_isvalid(netif_ip6_addr_state(n, i)) &&
		    ip6_addr_cmp_zoneless(src, netif_ip6_addr(n, i)))
			return true;
	return false;
}

static bool connects6(const struct netif *n, const ip6_addr_t *dest)
{
	for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
		if (ip6_addr_isvalid(netif_ip6_addr_state(n, i)) &&
		    ip6_addr_netcmp_zoneless(dest, netif_ip6_addr(n, i)))
			return true;
	return false;
}

static struct netif *connected6(const ip6_addr_t *src, const ip6_addr_t *dest)
{
	struct netif *n, *found = NULL;

	NETIF_FOREACH(n)
	{
		if (!usable(n) || !connects6(n, dest))
			continue;
		if (owns6(n, src))
			return n;
		if (!found)
			found = n;
	}
	return found;
}

/* Scoped addresses never come here: lwIP follows their zone. */
struct netif *stack_route6(const ip6_addr_t *src, const ip6_addr_t *dest)
{
	struct netif *n;
	struct route *r;

	NETIF_FOREACH(n)
	if (usable(n) && !port_is_ethernet(n) && owns6(n, src))
		return n;
	n = connected6(src, dest);
	if (n)
		return n;
	r = longest(6, dest->addr);
	return r && !ip6_addr_isany_val(r->via6) ? connected6(src, &r->via6) : NULL;
}

const ip6_addr_t *stack_gateway6(struct netif *netif, const ip6_addr_t *dest)
{
	struct route *r = longest(6, dest->addr);

	if (!r || ip6_addr_isany_val(r->via6))
		return NULL;
	ip6_addr_assign_zone(&r->via6, IP6_UNICAST, netif);
	return &r->via6;
}

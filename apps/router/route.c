/*
 * Routes: see route.h.
 *
 * The prefixes lie in one tree per family, whose values are indices of hops; hops are shared, so
 * a hundred thousand routes over a few gateways cost a few hops. The destination cache is direct-
 * mapped and small (5 KiB): it saves the tree and the neighbour's hash for the flows at hand,
 * and becomes void as a whole by one increment of generation.
 */
#include "lpm.h"
#include "neighbour.h"
#include "route.h"

#define CACHE 128u

static struct lpm tree4, tree6;
static struct hop hops[ROUTE_HOPS]; /* [0] is HOP_NONE */
static uint32_t hops_n = 1;
static struct dest cache[CACHE];
static uint32_t generation = 1; /* 0 marks a cache entry that was never used */

static struct lpm *tree_of(uint8_t family)
{
	return family == 4 ? &tree4 : &tree6;
}

/* Index of an equal hop, or of a new one; 0 when the table is full. */
static uint32_t hop_index(const struct hop *hop)
{
	/* From the end: a run of routes by one gateway finds it at once. */
	for (uint32_t i = hops_n - 1; i > 0; i--) {
		if (hops[i].kind == hop->kind && hops[i].family == hop->family &&
		    hops[i].asked == hop->port && ip_same(hops[i].via, hop->via))
			return i;
	}
	if (hops_n == ROUTE_HOPS)
		return 0;
	hops[hops_n] = *hop;
	hops[hops_n].asked = hop->port;
	return hops_n++;
}

bool route_add(struct ip net, uint32_t prefix, const struct hop *hop)
{
	uint32_t index = hop_index(hop);

	route_forget();
	return index != 0 && lpm_insert(tree_of(hop->family), net, prefix, index);
}

/*
 * The net, its broadcast addresses (all ones, and the old all zeros of RFC 1122 3.3.6; a /31
 * has none, RFC 3021) and last the address itself, so that it wins where they coincide.
 */
bool route_add_own(const struct port *p, const struct own *own)
{
	struct hop hop = {.kind = HOP_LINK, .family = own->family, .port = p->index};
	struct ip net = ip_net(own->ip, own->prefix);
	bool ok = route_add(net, own->prefix, &hop);

	if (own->family == 4 && own->prefix < 31) {
		hop.kind = HOP_BROADCAST;
		ok = ok && route_add(net, 32, &hop) &&
		     route_add(ip_of4(ip_to4(net) | 0xffffffffu >> own->prefix), 32, &hop);
	}
	hop.kind = HOP_LOCAL;
	return ok && route_add(own->ip, own->family == 4 ? 32 : 128, &hop);
}

/* A gateway is reached by the connected net it is in; without one its routes lead nowhere. */
void route_resolve(void)
{
	for (uint32_t i = 1; i < hops_n; i++) {
		struct hop *h = &hops[i];
		const struct hop *link;

		if (h->kind != HOP_GATEWAY || h->port != ROUTE_ANY_PORT)
			continue;
		link = &hops[lpm_find(tree_of(h->family), h->via)];
		if (link->kind == HOP_LINK) {
			h->port = link->port;
		} else {
			mx_log("a gateway is on no connected net; its routes are unreachable");
			h->kind = HOP_NONE;
		}
	}
	route_forget();
}

void route_forget(void)
{
	if (++generation == 0)
		generation = 1;
}

struct dest *route_find(uint8_t family, struct ip ip)
{
	uint64_t hash = (ip.hi ^ ip.lo) * 0x9e3779b97f4a7c15;
	struct dest *d = &cache[hash >> 57];

	if (d->generation == generation && ip_same(d->ip, ip) && d->family == family)
		return d;
	*d = (struct dest){.ip = ip,
	                   .generation = generation,
	                   .family = family,
	                   .hop = &hops[lpm_find(tree_of(family), ip)]};
	return d;
}

void route_send(struct packet *k, struct dest *d)
{
	static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	struct port *out = &ports[d->hop->port];
	struct neighbour *nb = d->neighbour;

	if (d->hop->kind == HOP_BROADCAST) {
		ether_send(k, out, broadcast, ETH_IP4);
		return;
	}
	if (!nb) {
		struct ip ip = d->hop->kind == HOP_GATEWAY ? d->hop->via : d->ip;

		nb = neighbour_get(out, d->family, ip);
		if (!nb) {
			if (out->absent)
				k->in = out;
			packet_drop(k, out->absent ? DROP_DRIVER : DROP_NEIGHBOUR);
			return;
		}
		/* When neighbour_get evicted another, the cache is void and this is not believed.
		 */
		d->neighbour = nb;
	}
	neighbour_send(nb, k);
}

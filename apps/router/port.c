/*
 * Ports: see port.h.
 */
#include <moxie/counters.h>
#include <moxie/kept.h>
#include <moxie/slots.h>
#include "egress.h"
#include "neighbour.h"
#include "replica.h"
#include "route.h"

struct port ports[MX_PORTS + 1] MX_KEPT;

static uint32_t untold; /* ports whose link the stack does not know yet */
_Static_assert(MX_PORTS < 32, "a set of ports is one uint32_t");

#define ETHER_MTU 1500

/* The counters go on. What the wire knows of us it knows still: a MAC, and what was announced. */
static void inherit(struct port *p)
{
	const struct port *left = mx_left(p, sizeof(*p));

	mx_left_counts(p->count, PORT_COUNTS_N);
	if (!left || !left->wire)
		return;
	memcpy(p->mac, left->mac, sizeof(p->mac));
	p->wire = 1;
	p->settled = left->settled != 0;
}

void port_init(void)
{
	for (uint32_t i = 0; i <= MX_PORTS; i++) {
		ports[i] = (struct port){.index = (uint8_t)i, .mtu = ETHER_MTU, .own_n = 1};
		ports[i].own[0].family = 6;
		ports[i].own[0].prefix = 64;
		inherit(&ports[i]);
	}
	untold = 0;
}

/* fe80:: and the interface identifier of RFC 4291 appendix A, from the MAC. */
static struct ip link_local(const uint8_t mac[6])
{
	uint8_t id[8] = {mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]};

	return (struct ip){0xfe80ull << 48, load64(id)};
}

/* A bit for each own address by a hash: most sources are ruled out without a look at the ports. */
static uint64_t own_hint;

static uint64_t hint(struct ip ip)
{
	uint64_t mix = ((ip.hi >> 32) ^ ip.lo) * 0x9e3779b97f4a7c15ull;

	return 1ull << (mix >> 58);
}

bool port_any_own(uint8_t family, struct ip ip)
{
	if (!(own_hint & hint(ip)))
		return false;
	for (uint32_t i = 0; i < MX_PORTS; i++)
		if (port_own(&ports[i], family, ip))
			return true;
	return false;
}

bool port_address(struct port *p, uint8_t family, struct ip ip, uint8_t prefix)
{
	struct own *own = &p->own[p->own_n];

	if (p->own_n == PORT_ADDRESSES)
		return false;
	*own = (struct own){.ip = ip, .family = family, .prefix = prefix};
	p->own_n++;
	own_hint |= hint(ip);
	return route_add_own(p, own);
}

static void set_mtu(struct port *p)
{
	uint16_t mtu = p->mtu_set ? p->mtu_set : p->link.mtu;

	p->mtu = mtu ? mtu : ETHER_MTU;
	p->link.mtu = p->mtu;
}

void port_mtu(struct port *p, uint16_t mtu)
{
	if (p->mtu_set == mtu)
		return;
	p->mtu_set = mtu;
	if (p->link.mtu) {
		set_mtu(p);
		untold |= 1u << p->index;
	}
}

/* The wire was pulled, or is another one. */
static void forget_wire(struct port *p)
{
	p->wire = p->settled = 0;
	neighbour_flush(p);
	egress_forget(p, DROP_CLOSED);
}

void port_link(struct port *p, const struct mx_link *link)
{
	struct mx_link before = p->link;

	if (p->wire && (!link->up || !mac_same(p->mac, link->mac)))
		forget_wire(p);
	p->link = *link;
	p->link.port = p->index;
	memcpy(p->mac, link->mac, 6);
	p->features = link->features;
	p->up = link->up != 0;
	p->wire = p->up;
	p->own[0].ip = link_local(p->mac);
	set_mtu(p);
	if (memcmp(&before, &p->link, sizeof(before)) != 0)
		untold |= 1u << p->index;
	if (p->absent)
		neighbour_resume(p);
	p->absent = false;
	if (p->up && !p->settled)
		announce_start(p);
}

void port_absent(struct port *p)
{
	p->up = false;
	p->absent = true;
	egress_forget(p, DROP_DRIVER);
}

void port_stack_reset(void)
{
	for (uint32_t i = 0; i < MX_PORTS; i++) {
		if (ports[i].link.mtu)
			untold |= 1u << i;
	}
}

void port_tell_stack(void)
{
	if (!replica_first())
		untold = 0;
	for (uint32_t set = untold; set; set &= set - 1) {
		uint32_t i = (uint32_t)__builtin_ctz(set);
		struct mx_msg m = {.frame = MX_NOFRAME, .kind = MX_LINK};
		int status;

		memcpy(m.body, &ports[i].link, sizeof(ports[i].link));
		status = mx_send(MX_ROUTER_STACK, &m, 1);
		if (status == MX_ECREDIT) {
			mx_thirst(MX_ROUTER_STACK);
			return;
		}
		if (status != MX_OK)
			return; /* no stack yet: its reset event comes */
		untold &= ~(1u << i);
	}
}

struct own *port_own(struct port *p, uint8_t family, struct ip ip)
{
	for (uint32_t i = 0; i < p->own_n; i++) {
		if (p->own[i].family == family && ip_same(p->own[i].ip, ip))
			return &p->own[i];
	}
	return NULL;
}

/* The link-local address, own[0], also covers the case of no other. */
const struct own *port_source(const struct port *p, uint8_t family, struct ip to)
{
	const struct own *any = NULL;

	for (uint32_t i = 0; i < p->own_n; i++) {
		const struct own *own = &p->own[i];

		if (own->family != family || ip_zero(own->ip))
			continue;
		if (ip_same(ip_net(own->ip, own->prefix), ip_net(to, own->prefix)))
			return own;
		if (!any || any == &p->own[0])
			any = own;
	}
	return any;
}

uint32_t port_counters(struct mx_counter *table, uint32_t max)
{
	static const char *const names[PORT_COUNTS_N] = {
#define X(name, text) text,
	        PORT_COUNTS(X)
#undef X
	};
	uint32_t n = 0;

	for (uint32_t i = 0; i <= MX_PORTS; i++) {
		if (i != SELF && !ports[i].exists)
			continue;
		for (uint32_t c = 0; c < PORT_COUNTS_N && n < max; c++)
			table[n++] = (struct mx_counter){.name = names[c],
			                                 .value = &ports[i].count[c],
			                                 .port = i == SELF ? MX_CTL_NO_PORT
			                                                   : (uint16_t)i};
	}
	return n;
}

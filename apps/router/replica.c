/*
 * The other replicas of the router: see replica.h.
 */
#include <moxie/counters.h>
#include <moxie/kept.h>
#include <moxie/pair.h>
#include <moxie/replica.h>
#include <moxie/slots.h>
#include "neighbour.h"
#include "replica.h"

_Static_assert(NB_SOLICITED == MX_NEIGHBOUR_SOLICITED && NB_OVERRIDE == MX_NEIGHBOUR_OVERRIDE,
               "one set of flags");

static struct mx_router_args self = {.replicas = 1};
static struct mx_neighbour_end siblings[MX_PAIRS]; /* but for the own number */
enum { TOLD, UNTOLD, HEARD };                      /* neighbours */
static uint64_t counts[REPLICA_COUNTS] MX_KEPT;

void replica_open(void)
{
	if (mx_boot->args_len != sizeof(self))
		mx_panic("the arguments have a wrong size");
	memcpy(&self, mx_boot->args, sizeof(self));
	if (self.replicas == 0 || self.replicas > MX_PAIRS || self.replica >= self.replicas)
		mx_panic("replica %u of %u cannot be", self.replica, self.replicas);
	mx_left_counts(counts, REPLICA_COUNTS);
	for (uint32_t k = 0; k < self.replicas; k++)
		if (k != self.replica &&
		    !mx_neighbour_open(&siblings[k], mx_boot, MX_ROUTER_SIBLING + k))
			mx_panic("no channel to replica %u", k);
}

bool replica_first(void)
{
	return self.replica == 0;
}

uint32_t replica_count(void)
{
	return self.replicas;
}

void replica_tell(const struct port *p, uint8_t family, struct ip ip, const uint8_t *mac,
                  uint32_t flags)
{
	struct mx_neighbour m = {.port = p->index, .family = family, .flags = (uint8_t)flags};

	if (self.replicas == 1)
		return;
	if (family == 4)
		store32(m.addr, ip_to4(ip));
	else
		ip_store6(m.addr, ip);
	if (mac) {
		m.flags |= MX_NEIGHBOUR_MAC;
		memcpy(m.mac, mac, sizeof(m.mac));
	}
	for (uint32_t k = 0; k < self.replicas; k++) {
		if (k == self.replica)
			continue;
		if (mx_neighbour_try_send(&siblings[k], &m))
			counts[TOLD]++;
		else
			counts[UNTOLD]++;
	}
}

static void hear(const struct mx_neighbour *m)
{
	const uint8_t *mac = m->flags & MX_NEIGHBOUR_MAC ? m->mac : NULL;
	uint32_t flags = m->flags & (MX_NEIGHBOUR_SOLICITED | MX_NEIGHBOUR_OVERRIDE);

	if (m->port >= MX_PORTS || !ports[m->port].exists || !ports[m->port].up ||
	    (m->family != 4 && m->family != 6))
		return;
	counts[HEARD]++;
	neighbour_hear(&ports[m->port], m->family, ip_load(m->addr, m->family), mac, flags,
	               m->flags & MX_NEIGHBOUR_NEW);
}

void replica_turn(void)
{
	struct mx_neighbour m;

	for (uint32_t k = 0; k < self.replicas; k++)
		while (k != self.replica && mx_neighbour_recv(&siblings[k], &m))
			hear(&m);
}

void replica_event(const struct mx_msg *m)
{
	if (m->kind != MX_EVENT_RESET || !(replica_slots() >> m->slot & 1))
		return;
	for (uint32_t i = 0; i < MX_PORTS; i++)
		neighbour_resume(&ports[i]);
}

uint64_t replica_slots(void)
{
	return ((1ull << self.replicas) - 1) << MX_ROUTER_SIBLING;
}

uint32_t replica_counters(struct mx_counter *table)
{
	if (self.replicas == 1)
		return 0;
	table[0] = (struct mx_counter){"neighbour.told", &counts[TOLD], MX_CTL_NO_PORT};
	table[1] = (struct mx_counter){"neighbour.untold", &counts[UNTOLD], MX_CTL_NO_PORT};
	table[2] = (struct mx_counter){"neighbour.heard", &counts[HEARD], MX_CTL_NO_PORT};
	return REPLICA_COUNTS;
}

/*
 * Queue pairs: how many each port has, and with them how many replicas of the router there are.
 *
 * Replica k is joined to pair k of every port, so all ports have as many. The configuration's wish
 * is cut down to what the machine can have, told on the console: before the start by what the
 * PCI functions say, and once more by what the devices offer, which only their drivers hear.
 */
#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>
#include <moxie/pair.h>
#include "init/init.h"

struct area {
	uint64_t from, to; /* bytes in a BAR */
};

/* The capability at `at` names bytes of BAR `bar`. */
static bool area_of(const uint8_t *at, uint32_t bar, struct area *area)
{
	struct virtio_pci_cap cap;

	memcpy(&cap, at, sizeof cap);
	*area = (struct area){cap.offset, (uint64_t)cap.offset + cap.length};
	return cap.bar == bar && cap.cfg_type != VIRTIO_PCI_CAP_PCI_CFG; /* which is no place */
}

/* The next virtio capability behind *at in a copy of configuration space; false: none is left. */
static bool next_cap(const uint8_t *config, uint32_t *at, uint32_t *steps)
{
	do
		*at = config[*at ? *at + 1 : PCI_CAPABILITY_LIST] & ~3u;
	while (*at >= PCI_STD_HEADER_SIZEOF && ++*steps < 64 &&
	       (config[*at] != PCI_CAP_ID_VNDR || *at > 256 - sizeof(struct virtio_pci_cap)));
	return *at >= PCI_STD_HEADER_SIZEOF && *steps < 64;
}

/* Whole pages with the doorbells, and with no other of the device's structures. */
static bool doorbells(const struct mx_device *d, struct mx_share *share)
{
	struct area bells = {0, 0}, other;
	uint32_t at = 0, steps = 0, bar = 0;

	while (next_cap(d->config, &at, &steps))
		if (d->config[at + 3] == VIRTIO_PCI_CAP_NOTIFY_CFG && !bells.to) {
			bar = d->config[at + offsetof(struct virtio_pci_cap, bar)];
			area_of(d->config + at, bar, &bells);
		}
	if (!bells.to)
		return false;
	bells.from &= ~(uint64_t)(MX_PAGE - 1);
	bells.to = (bells.to + MX_PAGE - 1) & ~(uint64_t)(MX_PAGE - 1);
	at = steps = 0;
	while (next_cap(d->config, &at, &steps))
		if (d->config[at + 3] != VIRTIO_PCI_CAP_NOTIFY_CFG &&
		    area_of(d->config + at, bar, &other) && other.from < bells.to &&
		    other.to > bells.from)
			return false;
	*share = (struct mx_share){bar, (uint32_t)(bells.from / MX_PAGE),
	                           (uint32_t)((bells.to - bells.from) / MX_PAGE)};
	return true;
}

/* A port of the host has no registers: its BAR is there to be shared. */
bool pairs_share(const struct mx_device *d, struct mx_share *share)
{
	if (!device_is_host(d))
		return doorbells(d, share);
	*share = (struct mx_share){.pages = 1};
	return true;
}

static void limit(uint32_t *pairs, uint32_t port, uint32_t most, const char *why)
{
	if (*pairs <= most)
		return;
	output_line("moxie: eth%u: %s: %u of %u queue pairs used", port, why, most, *pairs);
	*pairs = most;
}

/* Those of which there is one, then a replica and the drivers of all ports for each pair. */
static uint32_t most_children(void)
{
	uint32_t most = (CHILDREN - (ROLES - 2)) / (1 + (uint32_t)__builtin_popcount(init.active));

	return most ? most : 1;
}

void pairs_choose(void)
{
	init.pairs = init.config.queues ? init.config.queues : 1;
	if (init.pairs > 1 && !init.routing) {
		output_line("moxie: nothing is routed, one queue pair of %u is used", init.pairs);
		init.pairs = 1;
	}
	for (uint32_t p = 0; init.pairs > 1 && p < init.present; p++) {
		const struct mx_device *d = &machine()->devices[init.device[p]];
		struct mx_share share;

		if (!port_active(p))
			continue;
		limit(&init.pairs, p, d->vectors < 3 ? 1 : (d->vectors - 1) / 2,
		      "the device has few interrupt vectors");
		limit(&init.pairs, p, most_children(), "there are too many domains");
		if (!pairs_share(d, &share))
			limit(&init.pairs, p, 1,
			      "the device keeps its doorbells among other registers");
	}
}

/* The port's owner works no more: nothing is heard of it. */
static bool lost(uint32_t port)
{
	for (uint32_t i = 0; i < init.children_n; i++) {
		const struct child *c = &init.children[i];

		if (c->role == ROLE_DRIVER && c->port == port && c->pair == 0)
			return c->life == LIFE_ENDED;
	}
	return true;
}

/*
 * After a restart the device must have as many as before: those of the other ports are in use. It
 * is looked at again at the next restart.
 */
bool pairs_hear(const struct child *c, uint64_t value)
{
	uint32_t had = value < 1 ? 1 : value < MX_PAIRS ? (uint32_t)value : MX_PAIRS;

	if (c->role != ROLE_DRIVER || c->pair != 0)
		return true;
	if (had < init.pairs_used) {
		output_line("moxie: eth%u: the device has %u queue pairs now, %u are in use",
		            c->port, had, init.pairs_used);
		return false;
	}
	if (!init.pairs_used)
		init.pairs_had[c->port] = had;
	return true;
}

/* Once all have told: the least of them. */
bool pairs_turn(void)
{
	if (init.pairs_used || init.pairs <= 1 || init.children_n == 1)
		return false;
	for (uint32_t p = 0; p < MX_PORTS; p++)
		if (port_active(p) && !init.pairs_had[p] && !lost(p))
			return false;
	init.pairs_used = init.pairs;
	for (uint32_t p = 0; p < MX_PORTS; p++)
		if (port_active(p) && init.pairs_had[p])
			limit(&init.pairs_used, p, init.pairs_had[p], "the device has no more");
	return true;
}

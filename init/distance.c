/*
 * How far cores are from each other and from devices, asked of init's replica of the lattice.
 *
 * Interface: distance_fill, the part of a placement's question that is the machine's.
 * Rules: of the costs measured at boot only the proportions count. What a message costs under load
 * is mostly the wake-up that goes with it, and a host that shares its processors among virtual ones
 * makes each boot's nanoseconds others; which cores are nearer it does tell. For the same reason
 * two cores are as far apart as most pairs that share as much of the machine, unless they are off
 * by half. Without a replica all cores are alike.
 */
#include "init/init.h"
#include "iskra/iskra.h"

/*
 * ns of a message (docs/crossing.md): the crossing between two cores as near as can be, which grows
 * with the distance; and what falls on it of waking a halted core, 8900 for some eight messages
 * where neither core is busy all the time.
 */
#define CROSSING 500u
#define WAKING   1100u

static uint32_t indices[MX_CORES_MAX];
static uint64_t places[MX_CORES_MAX];

/* No executive runs without a record of its core. */
static bool look(uint32_t cores)
{
	if (!lattice_refresh())
		return false;
	for (uint32_t core = 0; core < cores; core++) {
		indices[core] = iskra_find(lattice(), MX_KIND_CORE, core);
		if (indices[core] == MX_NOTHING)
			return false;
		places[core] = iskra_get(lattice(), indices[core])->place;
	}
	return true;
}

/* What two cores share; and where that is more than one node, which two. */
static uint64_t class_of(uint32_t a, uint32_t b)
{
	uint32_t level = mx_place_shared(places[a], places[b]);
	uint64_t m = mx_place_node(places[a]), n = mx_place_node(places[b]);

	if (level < MX_LEVEL_MACHINE)
		return level;
	return m < n ? 1ull << 63 | m << 32 | n : 1ull << 63 | n << 32 | m;
}

/* The middle one of the costs of all pairs of that class; costs stand where a < b. */
static uint32_t middle(const struct placement *p, uint64_t class)
{
	uint32_t costs[MX_CORES_MAX * (MX_CORES_MAX - 1) / 2], n = 0, at;

	for (uint32_t b = 1; b < p->cores; b++)
		for (uint32_t a = 0; a < b; a++) {
			if (class_of(a, b) != class)
				continue;
			for (at = n++; at && costs[at - 1] > p->message[a][b]; at--)
				costs[at] = costs[at - 1];
			costs[at] = p->message[a][b];
		}
	return costs[n / 2];
}

/* In the other half, what the first half's costs are worth; the least of these. */
static uint32_t settle(struct placement *p)
{
	uint32_t least = UINT32_MAX;

	for (uint32_t b = 1; b < p->cores; b++)
		for (uint32_t a = 0; a < b; a++) {
			uint32_t own = p->message[a][b], usual = middle(p, class_of(a, b));
			bool off = own > usual + usual / 2 || own < usual / 2;

			p->message[b][a] = off ? own : usual;
			least = p->message[b][a] < least ? p->message[b][a] : least;
		}
	return least;
}

void distance_fill(struct placement *p)
{
	bool known = look(p->cores);
	uint32_t least = CROSSING;

	for (uint32_t b = 1; b < p->cores; b++)
		for (uint32_t a = 0; a < b; a++)
			p->message[a][b] = p->message[b][a] =
			        known ? iskra_cost(lattice(), indices[a], indices[b]) : CROSSING;
	if (known)
		least = settle(p);
	for (uint32_t b = 1; b < p->cores; b++)
		for (uint32_t a = 0; a < b; a++)
			p->message[a][b] = p->message[b][a] =
			        WAKING + (uint32_t)((uint64_t)p->message[b][a] * CROSSING / least);
}

/* ns that reaching a device takes more than from the core nearest to it. */
void distance_device(const struct placement *p, struct placed *d, uint16_t address)
{
	uint32_t least = UINT32_MAX, device;

	device = lattice() ? iskra_find(lattice(), MX_KIND_PCI, address) : MX_NOTHING;
	if (device == MX_NOTHING)
		return;
	for (uint32_t core = 0; core < p->cores; core++) {
		d->device[core] = iskra_cost(lattice(), indices[core], device);
		least = d->device[core] < least ? d->device[core] : least;
	}
	for (uint32_t core = 0; core < p->cores; core++)
		d->device[core] -= least;
}

/* Places in FIFOs: see reserve.h. */
#include "executive/core.h"
#include "executive/reserve.h"

static uint32_t reserved[MX_CORES_MAX];

static bool takes_places(const struct slot *s, uint32_t core)
{
	return s->bound && s->kind == MX_SLOT_OWNING && core != self;
}

bool reserve_take(uint32_t core, uint32_t depth)
{
	if (core == self)
		return true;
	if (reserved[core] + depth > FIFO_FRAMES)
		return false;
	reserved[core] += depth;
	return true;
}

void reserve_give(uint32_t core, uint32_t depth)
{
	if (core != self)
		reserved[core] -= depth;
}

bool reserve_fits(const struct slot *s, uint32_t core)
{
	return !takes_places(s, core) || core == s->peer.core ||
	       reserved[core] + s->depth <= FIFO_FRAMES;
}

bool reserve_all_fit(const struct domain *d)
{
	uint32_t more[MX_CORES_MAX] = {0};

	for (uint32_t i = 0; i < MX_SLOTS; i++)
		if (takes_places(&d->slots[i], d->slots[i].peer.core))
			more[d->slots[i].peer.core] += d->slots[i].depth;
	for (uint32_t core = 0; core < machine.cores; core++)
		if (reserved[core] + more[core] > FIFO_FRAMES)
			return false;
	return true;
}

void reserve_all(const struct domain *d, bool on)
{
	for (uint32_t i = 0; i < MX_SLOTS; i++) {
		const struct slot *s = &d->slots[i];

		if (takes_places(s, s->peer.core))
			reserved[s->peer.core] += on ? s->depth : -(uint32_t)s->depth;
	}
}

void reserve_move(const struct slot *s, uint32_t core)
{
	if (takes_places(s, s->peer.core))
		reserved[s->peer.core] -= s->depth;
	if (takes_places(s, core))
		reserved[core] += s->depth;
}

/* What the peers of a domain that moves are told: see move.h. */
#include "executive/core.h"
#include "executive/move.h"
#include "executive/post.h"
#include "executive/remote.h"

COLD void peers_tell(uint32_t kind, const struct domain *d, uint64_t slots, uint32_t core,
                     uint32_t flags)
{
	for (; slots; slots &= slots - 1) {
		uint32_t i = (uint32_t)__builtin_ctzll(slots);
		const struct slot *s = &d->slots[i];
		struct remote r = {.kind = (uint8_t)kind,
		                   .domain = s->peer.domain,
		                   .slot = s->peer_slot,
		                   .from_slot = (uint8_t)i,
		                   .key = s->key};

		r.from = domain_place(d);
		r.value = core;
		r.child = flags;
		r.ring = s->ring;
		if (s->bound)
			remote_send(s->peer.core, &r);
	}
}

/* On cores that are neither end of the way, which each have a FIFO of their own to the peer. */
static uint64_t third(const struct domain *d, uint32_t target)
{
	uint64_t slots = 0;

	for (uint32_t i = 0; i < MX_SLOTS; i++) {
		const struct slot *s = &d->slots[i];

		if (s->bound && s->peer.core != self && s->peer.core != target)
			slots |= 1ull << i;
	}
	return slots;
}

/* It is told, and visible there, before the domain can say anything elsewhere. */
COLD bool peers_hear_last(const struct domain *d, uint32_t target)
{
	uint64_t slots = third(d, target);

	for (uint64_t left = slots; left; left &= left - 1) {
		uint32_t core = d->slots[__builtin_ctzll(left)].peer.core;

		if (post_waits(core) || !fifo_has_places(core, MX_SLOTS, MOST_CONTROL))
			return false;
	}
	peers_tell(REMOTE_LAST, d, slots, 0, 0);
	fifo_publish();
	return true;
}

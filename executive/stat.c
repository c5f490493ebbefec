/* What an executive counts, packed into one entry between cores: the answer to MX_SPAWN_STAT. */
#include "executive/core.h"
#include "executive/frame.h"
#include "executive/region.h"
#include "executive/remote.h"

static uint64_t pair(uint64_t low, uint64_t high)
{
	return (low & 0xffffffff) | high << 32;
}

void remote_pack(struct remote *r, const struct domain *d)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i < DOMAINS; i++)
		n += domains[i] != NULL;
	r->words[0] = pair(machine.pools[self].count, frame_free_n);
	r->words[1] = pair(d ? d->held : frame_strange(), n);
	r->words[2] = pair(region_total() / MX_PAGE, region_free() / MX_PAGE);
	r->words[3] = d ? d->refused : core_switches;
	r->ring = d ? d->ran : core_idle_ns;
	r->child = d ? (uint32_t)d->bad : frame_quarantined();
}

void remote_unpack(const struct remote *r, struct mx_stat *s)
{
	s->pool = (uint32_t)r->words[0];
	s->pool_free = (uint32_t)(r->words[0] >> 32);
	s->held = (uint32_t)r->words[1];
	s->domains = (uint32_t)(r->words[1] >> 32);
	s->memory = (uint64_t)(uint32_t)r->words[2] * MX_PAGE;
	s->memory_free = (r->words[2] >> 32) * MX_PAGE;
	if (s->child) {
		s->refused = r->words[3];
		s->ran_ns = r->ring;
	} else {
		s->switches = r->words[3];
		s->idle_ns = r->ring;
	}
	s->ended = 0;
	s->bad = s->child ? r->child : 0;
	s->quarantined = s->child ? 0 : r->child;
}

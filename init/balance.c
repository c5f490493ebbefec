/* Which domain is to move: see balance.h. */
#include "init/balance.h"

#define WORKS 300u /* per mille: a core that does more is worth a look now and then */
#define FADE  8u   /* what a domain wanted is forgotten by an eighth each look */

static void note_domain(struct balance_domain *d)
{
	uint32_t faded = d->wants - (d->wants + FADE - 1) / FADE;

	d->wants = d->load > faded ? d->load : faded;
}

/* The next look comes soon when the number of busy cores has changed, else later and later. */
static void note_cores(struct balance *b)
{
	uint32_t full = 0, busy = 0;
	uint64_t most;

	for (uint32_t i = 0; i < b->cores_n; i++) {
		struct balance_core *c = &b->cores[i];

		c->full = c->lives && c->load >= BALANCE_FULL ? c->full + 1 : 0;
		full += c->full != 0;
		busy += c->lives && c->load >= WORKS;
	}
	most = busy ? BALANCE_WORK : BALANCE_LATE;
	b->wait = full != b->full || busy != b->busy || !b->wait ? BALANCE_SOON : 2 * b->wait;
	b->wait = b->wait < most ? b->wait : most;
	b->full = full;
	b->busy = busy;
}

/* What the others on a core want. */
static uint32_t others(const struct balance *b, uint32_t core, uint32_t domain)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < b->domains_n; i++)
		if (i != domain && b->domains[i].core == core)
			sum += b->domains[i].wants;
	return sum;
}

/* Who is kept from working by a newcomer works little, but wants to. */
static bool crowded(const struct balance *b, uint32_t core)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < b->domains_n; i++)
		n += b->domains[i].core == core && b->domains[i].wants >= BALANCE_BUSY;
	return b->cores[core].full >= BALANCE_LOOKS && n > 1;
}

/*
 * Those of a core and the domain wait for each other, as placement reckons: of two that want parts
 * a and b of it, a x b. And what placement has against it otherwise.
 */
static int64_t harm(const struct balance *b, uint32_t core, uint32_t domain)
{
	return (int64_t)b->domains[domain].wants * others(b, core, domain) / BALANCE_ALL +
	       b->cost(domain, core);
}

static void try_core(const struct balance *b, uint32_t domain, uint32_t core,
                     struct balance_move *best)
{
	const struct balance_domain *d = &b->domains[domain];
	int64_t gain;

	if (core == d->core || !b->cores[core].lives || b->cores[core].load > BALANCE_ROOM)
		return;
	gain = harm(b, d->core, domain) - harm(b, core, domain);
	if (gain >= BALANCE_GAIN && (best->domain == BALANCE_NONE || gain > best->gain))
		*best = (struct balance_move){domain, core, d->core, gain};
}

struct balance_move balance_look(struct balance *b, uint64_t now)
{
	struct balance_move best = {.domain = BALANCE_NONE};

	note_cores(b);
	for (uint32_t i = 0; i < b->domains_n; i++)
		note_domain(&b->domains[i]);
	for (uint32_t i = 0; i < b->domains_n; i++) {
		const struct balance_domain *d = &b->domains[i];

		if (!d->moves || d->load < BALANCE_BUSY || now < d->until || !crowded(b, d->core))
			continue;
		for (uint32_t core = 0; core < b->cores_n; core++)
			try_core(b, i, core, &best);
	}
	return best;
}

/* All that was counted is of the time before. */
void balance_moved(struct balance *b, uint32_t domain, uint64_t now)
{
	struct balance_domain *d = &b->domains[domain];

	if (!d->stay || now >= d->until + BALANCE_CALM)
		d->stay = BALANCE_STAY;
	else if (d->stay < BALANCE_STAY_MOST)
		d->stay *= 2;
	d->until = now + d->stay;
	for (uint32_t i = 0; i < b->cores_n; i++)
		b->cores[i].full = 0;
	b->full = 0;
	b->wait = BALANCE_SOON;
}

uint64_t balance_wait(const struct balance *b)
{
	return b->wait ? b->wait : BALANCE_SOON;
}

bool balance_works(const struct balance *b)
{
	for (uint32_t i = 0; i < b->cores_n; i++)
		if (b->cores[i].lives && b->cores[i].load >= WORKS)
			return true;
	return false;
}

/*
 * The joint decision: see placement.h.
 *
 * First each domain in the order of its traffic goes where it costs least beside those placed
 * before. Then single moves, exchanges of two domains and exchanges of two whole cores are tried
 * until none makes it cheaper. Each of these only ever lowers the sum, so it ends; ROUNDS bounds
 * it.
 */
#include "iskra/iskra.h"
#include "init/placement.h"

#define PER_MILLE (CORE / 1000)
#define ROUNDS    64u
#define RIVALS    (2 * CORE)   /* replicas that could not run at once */
#define BOND      (4 * CORE)   /* above all but memory */
#define ABSENT    (100 * CORE) /* memory that is not there: there is no price for it */

/* Each two once: init has little memory on a small machine. */
static uint32_t at(uint32_t a, uint32_t b)
{
	return a > b ? a * (a - 1) / 2 + b : b * (b - 1) / 2 + a;
}

void placement_talk(struct placement *p, uint32_t a, uint32_t b, uint32_t rate)
{
	p->hundreds[at(a, b)] = rate / 100 > UINT16_MAX ? UINT16_MAX : (uint16_t)(rate / 100);
}

uint32_t placement_rate(const struct placement *p, uint32_t a, uint32_t b)
{
	return a == b ? 0 : p->hundreds[at(a, b)] * 100u;
}

static int64_t company(const struct placed *a, const struct placed *b)
{
	return ((int64_t)a->harm * b->risk + (int64_t)b->harm * a->risk) / 1000 +
	       (a->replica && b->replica ? RIVALS : 0);
}

static bool bound(const struct placement *p, uint32_t a, uint32_t b)
{
	return p->domains[a].bond == b || p->domains[b].bond == a;
}

bool placement_apart(const struct placement *p, uint32_t a, uint32_t b)
{
	return company(&p->domains[a], &p->domains[b]) != 0;
}

/* As the lattice reckons: two that want parts a and b of one core wait for a * b of the time. */
static int64_t load_cost(int64_t before, int64_t want)
{
	return (int64_t)iskra_load((uint32_t)(before / PER_MILLE), (uint32_t)(want / PER_MILLE));
}

static int64_t memory_cost(const struct placement *p, uint32_t core, int64_t taken)
{
	return taken > p->memory[core] ? ABSENT : 0;
}

/* load and taken of all but this domain's own share. */
static struct placement_parts parts_of(const struct placement *p, uint32_t domain, uint32_t core)
{
	const struct placed *d = &p->domains[domain];
	struct placement_parts parts = {.device = (int64_t)d->touches * d->device[core]};
	int64_t load = p->load[core] - (d->core == core ? d->want : 0);
	int64_t taken = p->taken[core] - (d->core == core ? d->memory : 0);

	for (uint32_t i = 0; i < p->n; i++) {
		const struct placed *other = &p->domains[i];

		if (other->core == NOWHERE && other->bond == domain) /* it will follow */
			parts.device += (int64_t)other->touches * other->device[core];
		if (i == domain || other->core == NOWHERE)
			continue;
		parts.talk += (int64_t)placement_rate(p, domain, i) * p->message[core][other->core];
		if (other->core == core)
			parts.apart += company(d, other);
		else
			parts.bond += bound(p, domain, i) ? BOND : 0;
	}
	parts.load = load_cost(load, d->want);
	parts.memory = memory_cost(p, core, taken + d->memory) - memory_cost(p, core, taken);
	return parts;
}

int64_t placement_sum(const struct placement_parts *s)
{
	return s->talk + s->bond + s->device + s->apart + s->load + s->memory;
}

static int64_t cost_at(const struct placement *p, uint32_t domain, uint32_t core)
{
	struct placement_parts parts = parts_of(p, domain, core);

	return placement_sum(&parts);
}

static void put(struct placement *p, uint32_t domain, uint32_t core)
{
	struct placed *d = &p->domains[domain];

	if (d->core != NOWHERE) {
		p->load[d->core] -= d->want;
		p->taken[d->core] -= d->memory;
	}
	d->core = core;
	if (core != NOWHERE) {
		p->load[core] += d->want;
		p->taken[core] += d->memory;
	}
}

static void sum_up(struct placement *p)
{
	for (uint32_t core = 0; core < p->cores; core++)
		p->load[core] = p->taken[core] = 0;
	for (uint32_t i = 0; i < p->n; i++) {
		uint32_t core = p->domains[i].core;

		p->domains[i].core = NOWHERE;
		put(p, i, core);
	}
}

struct placement_parts placement_parts(struct placement *p, uint32_t domain, uint32_t core)
{
	sum_up(p);
	return parts_of(p, domain, core);
}

static bool usable(const struct placement *p, uint32_t core)
{
	return p->usable >> core & 1;
}

/* The cheapest core, and of several the first. */
static uint32_t cheapest(const struct placement *p, uint32_t domain)
{
	uint32_t best = NOWHERE;
	int64_t least = INT64_MAX;

	for (uint32_t core = 0; core < p->cores; core++) {
		int64_t cost = usable(p, core) ? cost_at(p, domain, core) : INT64_MAX;

		if (cost < least) {
			least = cost;
			best = core;
		}
	}
	return best;
}

static uint64_t traffic(const struct placement *p, uint32_t domain)
{
	uint64_t sum = p->domains[domain].touches;

	for (uint32_t i = 0; i < p->n; i++)
		sum += placement_rate(p, domain, i);
	return sum;
}

/* The one with the most traffic that has no core yet; NOWHERE: there is none. */
static uint32_t busiest(const struct placement *p)
{
	uint32_t best = NOWHERE;

	for (uint32_t i = 0; i < p->n; i++)
		if (p->domains[i].core == NOWHERE &&
		    (best == NOWHERE || traffic(p, i) > traffic(p, best)))
			best = i;
	return best;
}

/* Each domain alone, to wherever it is cheaper. */
static bool move_one(struct placement *p)
{
	bool better = false;

	for (uint32_t i = 0; i < p->n; i++) {
		uint32_t core = p->domains[i].fixed ? NOWHERE : cheapest(p, i);

		if (core == NOWHERE || cost_at(p, i, core) >= cost_at(p, i, p->domains[i].core))
			continue;
		put(p, i, core);
		better = true;
	}
	return better;
}

/* What the exchange costs, made step by step, since the two may talk to each other; it is made. */
static int64_t exchange(struct placement *p, uint32_t a, uint32_t b)
{
	uint32_t to_a = p->domains[b].core, to_b = p->domains[a].core;
	int64_t cost = cost_at(p, a, to_a) - cost_at(p, a, to_b);

	put(p, a, to_a);
	cost += cost_at(p, b, to_b) - cost_at(p, b, to_a);
	put(p, b, to_b);
	return cost;
}

static bool exchange_two(struct placement *p)
{
	bool better = false;

	for (uint32_t a = 0; a < p->n; a++)
		for (uint32_t b = a + 1; b < p->n; b++) {
			if (p->domains[a].fixed || p->domains[b].fixed ||
			    p->domains[a].core == p->domains[b].core)
				continue;
			if (exchange(p, a, b) < 0)
				better = true;
			else
				exchange(p, a, b);
		}
	return better;
}

/* Each of both cores' domains goes to the other; the change of the cost. */
static int64_t exchange_all(struct placement *p, uint32_t x, uint32_t y)
{
	int64_t cost = 0;

	for (uint32_t i = 0; i < p->n; i++) {
		uint32_t core = p->domains[i].core;

		if (p->domains[i].fixed || (core != x && core != y))
			continue;
		cost += cost_at(p, i, x + y - core) - cost_at(p, i, core);
		put(p, i, x + y - core);
	}
	return cost;
}

/* Domains that talk much to each other would not go to a better core one by one. */
static bool exchange_cores(struct placement *p)
{
	bool better = false;

	for (uint32_t x = 0; x < p->cores; x++)
		for (uint32_t y = x + 1; y < p->cores; y++) {
			if (!usable(p, x) || !usable(p, y))
				continue;
			if (exchange_all(p, x, y) < 0)
				better = true;
			else
				exchange_all(p, x, y);
		}
	return better;
}

void placement_solve(struct placement *p)
{
	uint32_t domain;

	for (uint32_t i = 0; i < p->n; i++)
		if (!p->domains[i].fixed)
			p->domains[i].core = NOWHERE;
	sum_up(p);
	while ((domain = busiest(p)) != NOWHERE)
		put(p, domain, cheapest(p, domain));
	for (uint32_t i = 0; i < ROUNDS; i++)
		if (!move_one(p) && !exchange_two(p) && !exchange_cores(p))
			return;
}

/* As if they came one after the other. */
int64_t placement_total(struct placement *p)
{
	uint32_t cores[PLACED_MAX];
	int64_t cost = 0;

	sum_up(p);
	for (uint32_t i = 0; i < p->n; i++) {
		cores[i] = p->domains[i].core;
		put(p, i, NOWHERE);
	}
	for (uint32_t i = 0; i < p->n; i++) {
		cost += cost_at(p, i, cores[i]);
		put(p, i, cores[i]);
	}
	return cost;
}

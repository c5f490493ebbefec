/*
 * Why a domain lives where it does: by what the next best core would cost more.
 *
 * Rules: one line for each domain, with the part of the cost that decided, and its figure.
 */
#include <stdio.h>
#include <string.h>
#include "init/init.h"

#define PERCENT (CORE / 100)
#define REASON  160u
#define NAMED   3u /* of those it is with, or apart from */

static struct placement_parts parts_less(struct placement_parts a, struct placement_parts b)
{
	return (struct placement_parts){a.talk - b.talk,   a.bond - b.bond, a.device - b.device,
	                                a.apart - b.apart, a.load - b.load, a.memory - b.memory};
}

/* The cheapest of the dearer cores, and what it costs more; NOWHERE: there is none. */
static uint32_t next_best(struct placement *p, uint32_t i, struct placement_parts *more)
{
	struct placement_parts own = placement_parts(p, i, p->domains[i].core);
	uint32_t best = NOWHERE;

	for (uint32_t core = 0; core < p->cores; core++) {
		struct placement_parts other = placement_parts(p, i, core);

		other = parts_less(other, own);
		if (core == p->domains[i].core || !(p->usable >> core & 1) ||
		    placement_sum(&other) == 0 ||
		    (best != NOWHERE && placement_sum(&other) >= placement_sum(more)))
			continue;
		best = core;
		*more = other;
	}
	return best;
}

static const char *name_of(uint32_t i)
{
	return i < init.children_n ? init.children[i].request.name : "init";
}

/* The names of those on a core that matter most to i, by rate or by apart; the rest are dots. */
static void name_some(const struct placement *p, uint32_t i, uint32_t core, bool by_rate,
                      char *text, uint32_t size)
{
	uint32_t named = 0, most = 0, n = 0;

	for (uint32_t j = 0; j < p->n; j++)
		if (p->domains[j].core == core && placement_rate(p, i, j) > most)
			most = placement_rate(p, i, j);
	for (uint32_t j = 0; j < p->n && named <= NAMED; j++) {
		bool counts =
		        by_rate ? placement_rate(p, i, j) > most / 8 : placement_apart(p, i, j);

		if (j == i || p->domains[j].core != core || !counts)
			continue;
		n += (uint32_t)snprintf(text + n, size - n, "%s%s", named ? ", " : "",
		                        named < NAMED ? name_of(j) : "...");
		named++;
	}
}

/* "12.3 % of a core" */
static const char *cores_of(int64_t ns)
{
	static char text[32];

	snprintf(text, sizeof text, "%lld.%lld %% of a core", ns / PERCENT,
	         ns % PERCENT * 10 / PERCENT);
	return text;
}

/* The part that speaks most for where it is. */
static int64_t greatest(const struct placement_parts *m)
{
	const int64_t parts[] = {m->bond, m->device, m->apart, m->load, m->memory};
	int64_t most = m->talk;

	for (uint32_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		most = parts[i] > most ? parts[i] : most;
	return most;
}

static void explain(struct placement *p, uint32_t i, uint32_t other, struct placement_parts more,
                    char *why)
{
	uint32_t core = p->domains[i].core;
	int64_t most = greatest(&more);
	char names[4 * MX_NAME + 8] = "";

	if (most == more.memory)
		snprintf(why, REASON, "core %u has no memory for it", other);
	else if (most == more.apart) {
		name_some(p, i, other, false, names, sizeof names);
		snprintf(why, REASON, "apart from %s", names);
	} else if (most == more.bond || most == more.talk) {
		name_some(p, i, core, true, names, sizeof names);
		snprintf(why, REASON, "with %s: %s less than on core %u", names,
		         cores_of(more.talk), other);
	} else if (most == more.device)
		snprintf(why, REASON, "near its device: %s less than on core %u", cores_of(most),
		         other);
	else
		snprintf(why, REASON, "others want %lld %% of it, %lld %% of core %u",
		         (p->load[core] - p->domains[i].want) / PERCENT, p->load[other] / PERCENT,
		         other);
}

/* c may have come elsewhere since, for want of memory. */
void reason_tell(struct placement *p, const struct child *c)
{
	uint32_t i = (uint32_t)(c - init.children), other;
	struct placement_parts more;
	char why[REASON];

	other = next_best(p, i, &more);
	if (c->adopted)
		snprintf(why, sizeof why, "it lives there");
	else if (c->request.core != p->domains[i].core)
		snprintf(why, sizeof why, "it has the most memory");
	else if (c->core_set && p->domains[i].fixed)
		snprintf(why, sizeof why, "%s:%u", init.text_name, wish_of(c)->core_line);
	else if (other == NOWHERE)
		snprintf(why, sizeof why, p->cores == 1 ? "there is no other" : "all are alike");
	else
		explain(p, i, other, more, why);
	output_line("moxie: placement: %s on core %u (%s)", c->request.name, c->request.core, why);
}

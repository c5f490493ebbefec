/* The replica: see lattice.h. */
#include "executive/lattice.h"
#include "executive/agree.h"
#include "executive/changes.h"
#include "executive/facts.h"
#include "executive/region.h"

#define DOMAINS_LEAST 64u /* records for domains; a full replica is no harm to them */
#define DOMAINS_CORE  16u /* and so many for each core */

struct iskra *lattice;
uint32_t lattice_pages;

/* Out of the core's own share: no core has more than some tens of domains. */
void lattice_init(void)
{
	uint32_t domains_n = DOMAINS_CORE * machine.cores;
	uint64_t at;

	if (domains_n < DOMAINS_LEAST)
		domains_n = DOMAINS_LEAST;
	lattice_pages = (uint32_t)((iskra_bytes(facts_most() + domains_n) + MX_PAGE - 1) / MX_PAGE);
	at = region_alloc(lattice_pages, OWNER_EXECUTIVE);
	if (!at)
		panic("memory too small: core %u has no %u pages for the lattice", self,
		      lattice_pages);
	lattice = iskra_start(direct(at), (uint64_t)lattice_pages * MX_PAGE);
	check(lattice);
	facts_fill(lattice);
	agree_init();
	change_init(arch_now());
}

void lattice_core_lost(uint32_t core)
{
	agree_lost(core);
}

/* As many as fit into one page at a time: a trap is bounded. */
int64_t lattice_copy(struct domain *d, uint64_t argument)
{
	struct mx_lattice q;
	uint32_t most = iskra_most(lattice);

	if (!domain_read(d, &q, argument, sizeof q) || q.n > MX_LATTICE_MOST)
		return MX_EINVAL;
	if (q.from > most)
		q.from = most;
	if (q.n > most - q.from)
		q.n = most - q.from;
	for (uint32_t i = 0; i < q.n; i++) {
		const struct mx_record *r = iskra_get(lattice, q.from + i);
		struct mx_record none = {.kind = MX_KIND_NONE};

		if (!domain_write(d, (uint64_t)(q.records + i), r ? r : &none, sizeof none))
			return MX_EINVAL;
	}
	q.version = iskra_version(lattice);
	q.most = most;
	return domain_write(d, argument, &q, sizeof q) ? MX_OK : MX_EINVAL;
}

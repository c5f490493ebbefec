/*
 * The atomic operations of the checked code by name, and the one that is weakened in a mutant.
 *
 * Rule: channel.h's mx_slot_* copy slots by relaxed accesses, since a peer that lies may store
 * meanwhile. Those of honest ends must be ordered, so they are checked for races as plain ones are.
 */
#include <string.h>
#include "tests/model/engine.h"
#include "tests/model/sites.h"

#define SITES 128u

struct model_site sites[SITES];
uint32_t sites_n;
const struct model_site *weak_site;
enum weakening weak_how;

static struct model_site *at[MODEL_THREADS + 1];     /* the operation each thread comes to */
static struct model_site *stored[MODEL_THREADS + 1]; /* its last operation, if that was a store */

static struct model_site *intern(const char *what, const char *file, const char *function, int line)
{
	for (uint32_t i = 0; i < sites_n; i++)
		if (sites[i].line == line && !strcmp(sites[i].file, file) &&
		    !strcmp(sites[i].what, what))
			return &sites[i];
	if (sites_n == SITES) {
		fprintf(stderr, "model: more than %u atomic operations\n", SITES);
		__builtin_trap();
	}
	sites[sites_n] = (struct model_site){.what = what,
	                                     .file = file,
	                                     .function = function,
	                                     .line = line,
	                                     .data = !strncmp(function, "mx_slot_", 8)};
	return &sites[sites_n++];
}

void model_at(struct model_site **site, const char *what, const char *file, const char *function,
              int line)
{
	if (!*site)
		*site = intern(what, file, function, line);
	at[me] = *site;
}

void sites_start(void)
{
	memset(at, 0, sizeof at);
	memset(stored, 0, sizeof stored);
}

struct model_site *site_now(enum step step, int order)
{
	struct model_site *s = at[me];

	at[me] = NULL;
	if (!s) {
		wrong("an atomic operation that tests/model/sites.h does not name");
		return NULL;
	}
	s->step = step;
	s->order = order;
	s->seen = true;
	if (step == FENCE && stored[me])
		stored[me]->announces = true;
	stored[me] = step == STORE ? s : NULL;
	return s;
}

bool weak(const struct model_site *s, enum weakening how)
{
	return s && s == weak_site && how == weak_how;
}

bool weakens(const struct model_site *s, enum weakening how)
{
	if (!strncmp(s->file, "tests/", 6)) /* only what ships */
		return false;
	switch (how) {
	case RELAXED:
		return s->step != FENCE && s->order != __ATOMIC_RELAXED;
	case DROPPED:
	case HALF:
		return s->step == FENCE;
	case LATE:
		return s->announces;
	case TORN:
		return s->step == EXCHANGE;
	default:
		return false;
	}
}

const char *weakening_name(enum weakening how)
{
	static const char *const names[] = {[RELAXED] = "relaxed",
	                                    [DROPPED] = "dropped",
	                                    [HALF] = "only acquire and release",
	                                    [LATE] = "put off until after the next load",
	                                    [TORN] = "a load, then a store"};

	return names[how];
}

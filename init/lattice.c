/*
 * Init's replica of the lattice: a copy of the one that its executive has, made anew when that has
 * another version.
 *
 * Rules: a record has the same index as in every other replica. A copy takes several traps, and
 * counts only when all of them said the same version; else it is made once more, and what changes
 * all the time leaves none. The memory is init's heap, of which the executive gave it so much more.
 */
#include "init/init.h"
#include "iskra/iskra.h"

#define TRIES 4u

static struct iskra *replica;
static void *memory;
static uint64_t bytes, version;
static struct mx_record records[MX_LATTICE_MOST];

static bool ask(struct mx_lattice *q, uint32_t from, uint32_t n)
{
	*q = (struct mx_lattice){.from = from, .n = n, .records = records};
	return mx_trap(MX_TRAP_SPAWN, MX_SPAWN_LATTICE, (uint64_t)q, 0) == MX_OK;
}

const struct iskra *lattice(void)
{
	return replica;
}

uint64_t lattice_bytes(void)
{
	return bytes;
}

static bool open(const struct mx_lattice *q)
{
	if (!memory) {
		bytes = iskra_bytes(q->most);
		memory = bytes ? mx_heap(bytes) : NULL;
	}
	return memory && iskra_bytes(q->most) <= bytes;
}

/* Records first: what is to be linked has to be there. */
static bool copy(const struct mx_lattice *now, struct iskra *to, bool links)
{
	struct mx_lattice q;

	for (uint32_t at = 0; at < now->most; at += q.n) {
		if (!ask(&q, at, MX_LATTICE_MOST) || q.version != now->version || !q.n)
			return false;
		for (uint32_t i = 0; i < q.n; i++) {
			const struct mx_record *r = &records[i];
			int64_t error = MX_OK;

			if (r->kind == MX_KIND_NONE)
				continue;
			if (!links)
				error = iskra_put(to, at + i, r);
			else if (r->parent != MX_NOTHING)
				error = iskra_link(to, at + i, r->parent);
			if (error)
				return false;
		}
	}
	return true;
}

bool lattice_refresh(void)
{
	struct mx_lattice now;

	for (uint32_t i = 0; i < TRIES; i++) {
		if (!ask(&now, 0, 0) || !open(&now))
			return false;
		if (replica && now.version == version)
			return true;
		replica = iskra_start(memory, bytes);
		if (replica && copy(&now, replica, false) && copy(&now, replica, true)) {
			version = now.version;
			return true;
		}
		replica = NULL;
	}
	return false;
}

/*
 * iskra: the store of the lattice. Records with stable indices, four ordered branches (B-trees)
 * over the same records, cross-links between them.
 *
 * Interface: iskra_start on a run of memory; insert, change, remove; find; walk a branch; link;
 * then the questions: cost, nearest, within, the best core for a domain.
 * Rules: plain C without allocator and libc but mem*, no pointers inside the run: it may be copied
 * as a whole. Each replica has one user. The same calls in the same order give the same indices in
 * every replica. A call that fails (negative: enum mx_error) has changed nothing. docs/iskra.md
 * tells more.
 */
#ifndef ISKRA_ISKRA_H
#define ISKRA_ISKRA_H

#include <stdbool.h>
#include <stdint.h>
#include <moxie/lattice.h>

#define ISKRA_RECORDS_MAX (1u << 20)
#define ISKRA_PAIRS       16u /* cores below this number can have measured pairs */
#define ISKRA_NODES       64u /* nodes below this number can have distances */
#define ISKRA_DEPTH       8u  /* of a branch at most: 2 * 8^7 records need more */

/* The branches. Each is ordered by what its name says, then by what stands behind it, last by
 * index. */
enum iskra_branch {
	ISKRA_BY_KIND,  /* id */
	ISKRA_BY_PLACE, /* outermost level first, kind: a tree of the machine, depth first */
	ISKRA_BY_COST,  /* kind before all: the cheapest paths */
	ISKRA_BY_OWNER, /* kind, cost: the cores nearest to a core by its measured paths */
	ISKRA_BRANCHES,
};

struct iskra;

/* Bytes that so many records need; 0 when there can never be so many. */
uint64_t iskra_bytes(uint32_t records);
/* memory: aligned to 64 bytes. NULL when it is too small for one record. */
struct iskra *iskra_start(void *memory, uint64_t bytes);

uint32_t iskra_records(const struct iskra *l); /* how many there are */
uint32_t iskra_most(const struct iskra *l);    /* how many there can be; indices are below */
/* Other after each change of any record. */
uint64_t iskra_version(const struct iskra *l);
/* NULL: no such record. Valid until the record is removed. */
const struct mx_record *iskra_get(const struct iskra *l, uint32_t index);
/* MX_NOTHING: none. */
uint32_t iskra_find(const struct iskra *l, enum mx_kind kind, uint32_t id);

/*
 * A copy of r comes into the store; links in r are ignored but for parent. The result is its index.
 * MX_EINVAL: its kind, level, place or parent cannot be; MX_EOWNER: there is one of that kind and
 * id; MX_ENOMEM: the store is full.
 */
int64_t iskra_insert(struct iskra *l, const struct mx_record *r);
/* The same at a free index, without links: to copy another replica, record by record; then link. */
int64_t iskra_put(struct iskra *l, uint32_t index, const struct mx_record *r);
/* Everything but the links becomes what r says. */
int64_t iskra_change(struct iskra *l, uint32_t index, const struct mx_record *r);
/* Its parts lose their parent. Who names it as owner goes on doing so: change them first. */
int64_t iskra_remove(struct iskra *l, uint32_t index);
/* parent MX_NOTHING: it becomes a part of nothing. No circles: MX_EINVAL. */
int64_t iskra_link(struct iskra *l, uint32_t index, uint32_t parent);
/* The innermost thing of this kind that index is a part of, or MX_NOTHING. */
uint32_t iskra_up(const struct iskra *l, uint32_t index, enum mx_kind kind);

/*
 * A walk along a branch: `iskra_walk_…(&w, l, …); while ((i = iskra_step(&w)) != MX_NOTHING)`.
 * It ends with the first insert, change or removal (iskra_step then says MX_NOTHING).
 */
struct iskra_key {
	uint64_t high, low;
};
struct iskra_walk {
	const struct iskra *l;
	uint64_t version;
	struct iskra_key end; /* the last that belongs to it */
	uint32_t branch, depth;
	uint32_t node[ISKRA_DEPTH];
	uint32_t at[ISKRA_DEPTH];
};

void iskra_walk_all(struct iskra_walk *w, const struct iskra *l, enum iskra_branch branch);
/* All of a kind, by id. */
void iskra_walk_kind(struct iskra_walk *w, const struct iskra *l, enum mx_kind kind);
/* Everything at a place of this level, from the outside in: all in one node, under one cache. */
void iskra_walk_place(struct iskra_walk *w, const struct iskra *l, uint64_t place, uint32_t level);
/* All of a kind up to this cost, cheapest first. */
void iskra_walk_cost(struct iskra_walk *w, const struct iskra *l, enum mx_kind kind, uint32_t most);
/* All that this record owns; of one kind when it is not MX_KIND_NONE: cheapest first. */
void iskra_walk_owner(struct iskra_walk *w, const struct iskra *l, uint32_t owner,
                      enum mx_kind kind);
uint32_t iskra_step(struct iskra_walk *w);

/*
 * ns from one record to the other: measured where both are cores with a path between them (in
 * either direction); else what their innermost shared level costs; between nodes by the distance.
 * Of something that is no core, MX_LEVEL_NODE is the least: it is reached through its node.
 */
uint32_t iskra_cost(const struct iskra *l, uint32_t from, uint32_t to);
/* The record of this kind that costs least from here, itself excepted, or MX_NOTHING. No lost ones.
 */
uint32_t iskra_nearest(const struct iskra *l, uint32_t from, enum mx_kind kind);
/*
 * All of a kind that cost at most so much from here, itself excepted, cheapest first; no lost ones.
 * At most n are written, the result is how many there are: more than n means that the dearest are
 * missing.
 */
uint32_t iskra_within(const struct iskra *l, uint32_t from, enum mx_kind kind, uint32_t most,
                      uint32_t *found, uint32_t n);

/*
 * The best core for a domain: where it makes the machine lose the least time, in ns of each second.
 */
#define ISKRA_PEERS 64u
struct iskra_peer {
	uint32_t core;   /* where the peer lives: number of its executive */
	uint32_t weight; /* messages a second, or batches of them where they travel so */
};
struct iskra_wish {
	const struct iskra_peer *peers;
	uint32_t peers_n;        /* at most ISKRA_PEERS */
	uint32_t want;           /* of 1000: how much of a core it is expected to use */
	uint64_t memory;         /* bytes it needs of one core's share */
	uint32_t device;         /* index of the device it drives, or MX_NOTHING */
	uint32_t device_weight;  /* interrupts and doorbells a second */
	uint32_t home;           /* number of the core whose present load holds the domain's own, or
	                            MX_NOTHING */
	const uint64_t *allowed; /* a bit for each core's number, 64 in each; NULL: all */
	const uint64_t *extra;   /* what each core costs besides, by number; NULL: nothing */
};
struct iskra_choice {
	uint32_t core;        /* number of its executive */
	uint32_t memory_core; /* whose share has the memory: core itself, or the nearest that has it
	                       */
	uint64_t cost;        /* the sum of: */
	uint64_t talk;        /* messages to and from its peers */
	uint64_t device;      /* reaching its device */
	uint64_t load;        /* waiting for others on the core, work that finds no time there */
	uint64_t threads;     /* what busy threads of the same physical core take */
	uint64_t memory;      /* memory in another node */
	uint64_t extra;       /* what the caller adds */
};

/* Least cost, then lowest number. MX_EINVAL: a peer's core or the device is not there; MX_ENOMEM:
 * no core has the memory; MX_EPEER: no core that is allowed lives. */
int64_t iskra_best(const struct iskra *l, const struct iskra_wish *wish, struct iskra_choice *best);
/* The same for one core that is given: to compare, and to tell why. */
int64_t iskra_weigh(const struct iskra *l, const struct iskra_wish *wish, uint32_t core,
                    struct iskra_choice *choice);

/* The part that load has: of adding want to a core that is used so much, both of 1000. A difference
 * of one function of the sum, so that moves to and fro add up to nothing. */
uint64_t iskra_load(uint32_t before, uint32_t want);

#endif

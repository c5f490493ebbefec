/*
 * The parts of a core's cost for a domain that need to be prepared once for each question.
 *
 * Interface: talk_* what its messages cost; rooms_* where its memory is.
 */
#ifndef ISKRA_BEST_H
#define ISKRA_BEST_H

#include "iskra/store.h"

#define FULL      1000u    /* all of a core's time */
#define PER_MILLE 1000000u /* ns of a second */

struct talk_peer {
	uint64_t place;
	uint32_t core, weight;
	uint32_t far; /* ns to a core of another node, from t->node */
};

struct talk {
	const struct iskra *l;
	uint32_t n;
	uint32_t node; /* what stands below is for its cores, */
	bool pairs;    /* those that can have measured paths, or the others */
	uint64_t far;  /* what all peers cost that cost the same from each of them */
	uint32_t near_n;
	struct talk_peer near[ISKRA_PEERS]; /* the other peers */
	struct talk_peer peers[ISKRA_PEERS];
};

/* false: a peer's core is not there. */
bool talk_start(struct talk *t, const struct iskra *l, const struct iskra_wish *wish);
uint64_t talk_cost(struct talk *t, const struct mx_record *core);

struct room {
	uint32_t core; /* the core of this node with the most memory, if it is enough, or MX_NOTHING
	                */
	uint32_t from; /* the node that a domain here takes it of; ISKRA_NODES: not known yet */
};
struct rooms {
	const struct iskra *l;
	uint64_t memory; /* so much must be free */
	struct room nodes[ISKRA_NODES];
};

void rooms_start(struct rooms *r, const struct iskra *l, uint64_t memory);
/* What it costs a domain on this core, and whose memory it takes. false: nobody has it. */
bool rooms_cost(struct rooms *r, const struct mx_record *core, uint32_t want,
                struct iskra_choice *c);

static inline void plus(uint64_t *sum, uint64_t more)
{
	if (__builtin_add_overflow(*sum, more, sum))
		*sum = UINT64_MAX;
}

static inline bool living(const struct mx_record *r)
{
	return !(r->flags & MX_RECORD_LOST);
}

#endif

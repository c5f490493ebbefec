/* All or none: see agree.h. */
#include "executive/agree.h"
#include "executive/arch.h"
#include "executive/changes.h"
#include "executive/remote.h"

struct proposal {
	bool on;
	struct change change;
};

static struct {
	uint32_t living;          /* set of cores */
	uint32_t agreed;          /* number of the last change carried out */
	uint32_t serial;          /* of this core's proposals */
	uint32_t number;          /* of `prepared` */
	struct proposal prepared; /* voted on, not decided yet */
	struct proposal mine;     /* proposed, not decided yet */
	/* of the arbiter */
	struct proposal proposals[MX_CORES_MAX];
	struct proposal asked; /* what is voted on */
	uint32_t waiting;      /* set of cores whose vote is missing */
	bool refused;
	uint32_t turn;               /* whose proposal is looked for first */
	uint32_t states;             /* set of cores that told how far they came */
	uint32_t least, most;        /* and how far that was */
	bool settled;                /* what the arbiter before left is decided */
	uint32_t done[MX_CORES_MAX]; /* serial of each core's last change that was carried out */
} agree;

void agree_init(void)
{
	agree.living = (uint32_t)((1ull << machine.cores) - 1);
	agree.settled = self == 0; /* nobody was before it */
}

static uint32_t arbiter(void)
{
	return (uint32_t)__builtin_ctz(agree.living);
}

bool agree_arbitrates(void)
{
	return self == arbiter();
}

static void say(uint32_t core, enum agree_step step, uint32_t number, bool yes,
                const struct change *c)
{
	struct remote r = {.kind = REMOTE_AGREE,
	                   .domain = (uint8_t)step,
	                   .slot = (uint8_t)self,
	                   .from_slot = yes,
	                   .key = number};

	if (c)
		r.change = *c;
	remote_send(core, &r);
}

/* This core last: it handles what it is told at once. */
static void say_all(enum agree_step step, uint32_t number, const struct change *c)
{
	for (uint32_t core = 0; core < machine.cores; core++)
		if (core != self && agree.living >> core & 1)
			say(core, step, number, false, c);
	say(self, step, number, false, c);
}

/* To a new arbiter it may have been proposed again, and its decision come after. */
static bool proposed(uint32_t core)
{
	const struct proposal *p = &agree.proposals[core];

	return p->on && p->change.serial != agree.done[core];
}

/* The next proposal is voted on, if none is. */
static void arbitrate(void)
{
	uint32_t n = 0;

	if (agree.asked.on || !agree.settled || !agree_arbitrates())
		return;
	while (n < machine.cores && !proposed((agree.turn + n) % machine.cores))
		n++;
	if (n == machine.cores)
		return;
	agree.turn = (agree.turn + n) % machine.cores;
	agree.asked = agree.proposals[agree.turn];
	agree.proposals[agree.turn].on = false;
	agree.turn = (agree.turn + 1) % machine.cores;
	agree.waiting = agree.living;
	agree.refused = false;
	say_all(AGREE_PREPARE, agree.agreed + 1, &agree.asked.change);
}

static void prepare(const struct remote *r)
{
	agree.number = r->key;
	agree.prepared = (struct proposal){true, r->change};
	say(r->slot, AGREE_VOTE, r->key, r->key == agree.agreed + 1 && change_possible(&r->change),
	    NULL);
}

static void decide(void)
{
	agree.asked.on = false;
	say_all(agree.refused ? AGREE_ABORT : AGREE_COMMIT, agree.agreed + 1, NULL);
	arbitrate();
}

static void count_vote(uint32_t core, bool yes)
{
	agree.waiting &= ~(1u << core);
	agree.refused |= !yes;
	if (agree.asked.on && !agree.waiting)
		decide();
}

static void carry_out(uint32_t number, bool yes)
{
	struct change *c = &agree.prepared.change;

	if (!agree.prepared.on || agree.number != number || number != agree.agreed + 1)
		return;
	agree.prepared.on = false;
	if (yes) {
		change_make(c);
		agree.agreed++;
		agree.done[c->proposer] = c->serial;
	}
	if (agree.mine.on && c->proposer == self && c->serial == agree.mine.change.serial) {
		agree.mine.on = false;
		change_told(c);
		remote_retry = true; /* there may be more */
	}
}

/* What the arbiter before left undecided. */
static void settle(void)
{
	if (agree.settled || !agree_arbitrates() || (agree.states & agree.living) != agree.living)
		return;
	agree.settled = true;
	if (agree.least < agree.most)
		say_all(AGREE_COMMIT, agree.most, NULL);
	else
		say_all(AGREE_FORGET, 0, NULL);
	arbitrate();
}

static void hear_state(uint32_t core, uint32_t number)
{
	if (!agree.states || number < agree.least)
		agree.least = number;
	if (number > agree.most)
		agree.most = number;
	agree.states |= 1u << core;
	settle();
}

void agree_turn(void)
{
	if (agree.mine.on || !change_next(&agree.mine.change))
		return;
	agree.mine.on = true;
	agree.mine.change.proposer = (uint8_t)self;
	agree.mine.change.serial = ++agree.serial;
	say(arbiter(), AGREE_PROPOSE, 0, false, &agree.mine.change);
}

void agree_told(const struct remote *r)
{
	if (!(agree.living >> r->slot & 1))
		return;
	switch (r->domain) {
	case AGREE_PROPOSE:
		agree.proposals[r->slot] = (struct proposal){true, r->change};
		arbitrate();
		break;
	case AGREE_PREPARE:
		prepare(r);
		break;
	case AGREE_VOTE:
		count_vote(r->slot, r->from_slot);
		break;
	case AGREE_COMMIT:
	case AGREE_ABORT:
		carry_out(r->key, r->domain == AGREE_COMMIT);
		break;
	case AGREE_FORGET:
		agree.prepared.on = false; /* whoever proposed it does so again */
		break;
	case AGREE_STATE:
		hear_state(r->slot, r->key);
		break;
	}
}

void agree_lost(uint32_t core)
{
	uint32_t before = arbiter();

	agree.living &= ~(1u << core);
	agree.proposals[core].on = false;
	change_lost(core);
	if (agree.asked.on)
		count_vote(core, true);
	if (before == core) {
		say(arbiter(), AGREE_STATE, agree.agreed, false, NULL);
		if (agree.mine.on)
			say(arbiter(), AGREE_PROPOSE, 0, false, &agree.mine.change);
	}
	settle();
}

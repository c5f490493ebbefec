/*
 * Which domain is to move to which core, by how busy cores and domains were: pure arithmetic.
 *
 * Interface: balance_look gets the loads of the time since the look before and says what to move;
 * balance_moved is told what came of it; balance_wait says when to look again.
 * Rules: loads are per mille of the time. A core is crowded when it was hardly ever idle in two
 * looks in a row and two domains or more worked there, or wanted to. What a move gains is the time
 * that others no longer wait for the domain, less what those of the new core will, less what
 * placement then has more against it: talk from core to core. Only a gain that is worth it counts.
 * What a domain wants is known only while it gets it, so the most that it had lately counts as
 * wanted: under constant load the moves come to an end. Under any other who was moved stays, each
 * time twice as long.
 */
#ifndef INIT_BALANCE_H
#define INIT_BALANCE_H

#include <stdbool.h>
#include <stdint.h>
#include <moxie/abi.h>

#define BALANCE_DOMAINS 48u
#define BALANCE_NONE    UINT32_MAX
#define BALANCE_ALL     1000u /* per mille: the whole time of a core */
#define BALANCE_FULL    900u  /* a core with so much load may be crowded */
#define BALANCE_ROOM    500u  /* a core with no more may take a domain */
#define BALANCE_BUSY    50u   /* a domain with so much is one that works */
#define BALANCE_GAIN    50    /* per mille of a core's time: a move that gains less is not made */
#define BALANCE_LOOKS   2u    /* in a row */

#define BALANCE_STAY      (2000000000ull)   /* ns: who was moved stays, at first */
#define BALANCE_STAY_MOST (300000000000ull) /* and at most */
#define BALANCE_CALM      (600000000000ull) /* who stayed so long is as one never moved */

#define BALANCE_SOON (250000000ull)  /* ns from look to look, when something begins */
#define BALANCE_LATE (4000000000ull) /* while nothing works: other wakings are as frequent */
#define BALANCE_WORK (1000000000ull) /* while something works, at most */

struct balance_core {
	bool lives;
	uint32_t load;
	uint32_t full; /* looks in a row */
};

struct balance_domain {
	uint32_t core;
	bool moves; /* it may be moved */
	uint32_t load;
	uint32_t wants; /* its load, or the most that it had lately */
	uint64_t until; /* ns: it stays where it is */
	uint64_t stay;  /* ns: how long after its last move; 0: it was not moved */
};

struct balance {
	uint32_t cores_n, domains_n;
	struct balance_core cores[MX_CORES_MAX];
	struct balance_domain domains[BALANCE_DOMAINS];
	/* What placement has against a domain on a core, loads aside: per mille of a core's time.
	 */
	int64_t (*cost)(uint32_t domain, uint32_t core);
	uint64_t wait;       /* ns */
	uint32_t full, busy; /* cores, at the last look */
};

struct balance_move {
	uint32_t domain, core; /* domain BALANCE_NONE: nothing is to move */
	uint32_t from;
	int64_t gain; /* per mille of a core */
};

/* `load` and `lives` of all cores, `core`, `moves` and `load` of all domains are filled in. */
struct balance_move balance_look(struct balance *b, uint64_t now);
/* It was moved; or it could not be, and is left alone as long. */
void balance_moved(struct balance *b, uint32_t domain, uint64_t now);
/* ns until the next look. */
uint64_t balance_wait(const struct balance *b);
/* With such loads of cores, those of domains are worth asking for. */
bool balance_works(const struct balance *b);

#endif

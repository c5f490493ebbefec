/*
 * Placement: which domain lives on which core. The joint decision, in numbers alone.
 *
 * Interface: fill a struct placement with what the machine costs and what the domains want;
 * placement_solve chooses the cores of those that are not fixed, placement_parts says what one
 * of them costs on a core while all others stay.
 * Rules: every cost is processors' time, in ns a second: CORE is one core. What is to be is a cost,
 * too, so that a machine too small for all of it still gets the least bad placement. The same
 * numbers always give the same placement, and the work is bounded.
 */
#ifndef INIT_PLACEMENT_H
#define INIT_PLACEMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <moxie/abi.h>

#define PLACED_MAX 49u          /* init and all its children */
#define CORE       1000000000ll /* ns a second */
#define NOWHERE    UINT32_MAX
#define NOBODY     UINT32_MAX

struct placed {
	uint32_t core; /* NOWHERE: not placed yet */
	bool fixed;
	bool replica;     /* there are several so that they have a core each */
	uint32_t harm;    /* ns a second lost if one on the same core held it up */
	uint32_t risk;    /* of 1000: that it does hold up others */
	uint32_t want;    /* ns a second that it runs under full load */
	uint32_t memory;  /* pages its core must have for it */
	uint32_t bond;    /* a domain that it stays with, whatever the load; NOBODY */
	uint32_t touches; /* of its device, a second */
	uint32_t
	        device[MX_CORES_MAX]; /* ns that one takes from there, more than from the nearest */
};

struct placement {
	uint32_t cores;
	uint32_t usable;                              /* set of cores that are not lost */
	uint32_t message[MX_CORES_MAX][MX_CORES_MAX]; /* ns; to itself 0 */
	uint32_t memory[MX_CORES_MAX];                /* pages free */
	uint32_t n;
	struct placed domains[PLACED_MAX];
	/* messages a second under full load, both ways, of each two: see placement_rate */
	uint16_t hundreds[PLACED_MAX * (PLACED_MAX - 1) / 2];
	/* placement_solve's own */
	int64_t load[MX_CORES_MAX];
	int64_t taken[MX_CORES_MAX];
};

/* What a domain costs on a core. */
struct placement_parts {
	int64_t talk, bond, device, apart, load, memory;
};

/* Two domains exchange so many messages a second; what is below 100 does not count. */
void placement_talk(struct placement *p, uint32_t a, uint32_t b, uint32_t rate);
uint32_t placement_rate(const struct placement *p, uint32_t a, uint32_t b);
void placement_solve(struct placement *p);
/* p's domains all have cores. */
struct placement_parts placement_parts(struct placement *p, uint32_t domain, uint32_t core);
bool placement_apart(const struct placement *p, uint32_t a,
                     uint32_t b); /* rather not on one core */
int64_t placement_sum(const struct placement_parts *parts);
int64_t placement_total(struct placement *p);

#endif

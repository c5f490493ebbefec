/*
 * Wrong things that a hostile domain does in the appliance, and what must come of them.
 *
 * A domain in the place of an application or a driver does one of them a life (life.c). Each file
 * wrong_*.c has a table of some; app.c, driver.c and middle.c name the tables that the domain goes
 * through. Rules: what a thing does is chosen by dice.h, so that it comes again with the same
 * number.
 */
#ifndef HOSTILE_WRONG_H
#define HOSTILE_WRONG_H

#include "tests/guest/probe.h"
#include "tests/guest/suite.h"
#include "tests/hostile/dice.h"

enum fate {
	ENDS,    /* the domain: the thing does not return */
	REFUSED, /* by the executive, or the peer; the thing says whether it was */
};

struct misdeed {
	const char *name;
	enum fate fate;
	const char *(*run)(void); /* NULL: it was refused; else what it got away with */
	probe_run *probe;         /* or a case of tests/guest: 0: it was refused */
	struct guest_args args;
};

/* Tables end with an empty name. */
extern const struct misdeed wrong_memory[], wrong_own_frames[], wrong_frames[], wrong_channels[],
        wrong_sockets[], wrong_packets[], wrong_device[], wrong_peers[];

/* What the domain is: app.c, driver.c, middle.c. */
extern const struct misdeed *const wrong_tables[]; /* ended by NULL */
extern const bool wrong_window;                    /* it may map frames */

/* life.c */
extern uint32_t wrong_port;             /* the number that its configuration gave it */
uint32_t wrong_collect(uint64_t until); /* frees what comes; returns the messages that came */
/* Messages paced by credit: waits until `slot` takes n, or it is late; false: it is late. */
bool wrong_room(uint32_t slot, uint32_t n, uint64_t until);

#define WRONG_WHILE (100 * MX_MS) /* how long a thing goes on that has no end of its own */

/* For what gets away. */
#define WRONG(x)                                                                                   \
	do {                                                                                       \
		if (!(x))                                                                          \
			return #x;                                                                 \
	} while (0)

#endif

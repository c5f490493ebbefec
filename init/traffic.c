/*
 * What domains want of a core and how much they talk, under the heaviest load of their kind: what
 * placement weighs. docs/placement.md has the measurements behind the figures.
 *
 * Rules: ports share one router's traffic, however many there are.
 */
#include "init/init.h"

#define PER_MILLE (CORE / 1000)

/* Messages a second, both ways. */
#define PACKETS  400000u /* each comes by a driver and leaves by one */
#define LOCAL    150000u /* packets to and from the stack */
#define REQUESTS 160000u /* of an application, with what is answered */
#define PRINTED  10000u  /* pieces of lines, as fast as a console takes them */
#define SOME     20u     /* questions, logs, news of siblings */

/*
 * Per mille of a core: what each ran of all that a chain of domains ran, since a chain can fill
 * a core. Forwarding: drivers and router; serving: drivers, stack, and an application.
 */
#define DRIVERS_FORWARD 690u
#define DRIVERS_SERVE   170u
static const uint32_t wants[ROLES] = {
        [ROLE_CONSOLE] = 50, [ROLE_ROUTER] = 310, [ROLE_STACK] = 490,
        [ROLE_HTTPD] = 310,  [ROLE_IPERF3] = 30,
};

static uint32_t ports(void)
{
	uint32_t n = (uint32_t)__builtin_popcount(init.active);

	return n ? n : 1;
}

uint32_t traffic_want(const struct child *c)
{
	uint32_t want = wants[c->role];

	if (c->role == ROLE_DRIVER)
		want = (init.routing ? DRIVERS_FORWARD : DRIVERS_SERVE) / ports();
	return (uint32_t)(want * PER_MILLE);
}

uint32_t traffic_touches(const struct child *c)
{
	return c->role == ROLE_DRIVER ? (init.routing ? PACKETS : LOCAL) / ports() : 0;
}

static bool between(const struct joint *j, enum role a, enum role b)
{
	enum role x = init.children[j->a].role, y = init.children[j->b].role;

	return (x == a && y == b) || (x == b && y == a);
}

/* The stack sends by the first replica, and taps answer by the queue that they heard. */
static bool first_pair(const struct joint *j)
{
	return !init.children[j->a].pair && !init.children[j->b].pair;
}

uint32_t traffic_rate(const struct joint *j)
{
	if (between(j, ROLE_DRIVER, ROLE_ROUTER))
		return PACKETS / ports();
	if (between(j, ROLE_DRIVER, ROLE_STACK))
		return LOCAL / ports();
	if (between(j, ROLE_ROUTER, ROLE_STACK))
		return first_pair(j) ? LOCAL : SOME;
	if (between(j, ROLE_STACK, ROLE_HTTPD) || between(j, ROLE_STACK, ROLE_IPERF3))
		return REQUESTS;
	return SOME;
}

uint32_t traffic_control(const struct child *c)
{
	return c->role == ROLE_CONSOLE ? PRINTED : SOME;
}

/* The rule: a hung application stops no forwarding. Half a core is more than any talk. */
uint32_t traffic_harm(const struct child *c)
{
	if (!init.routing)
		return 0;
	if (c->role == ROLE_ROUTER)
		return CORE / 2;
	return c->role == ROLE_DRIVER ? (uint32_t)(CORE / 10 / ports()) : 0;
}

/* Stack and applications parse what strangers send; the console waits for a serial port. */
uint32_t traffic_risk(const struct child *c)
{
	switch (c->role) {
	case ROLE_STACK:
	case ROLE_HTTPD:
	case ROLE_IPERF3:
		return 1000;
	case ROLE_CONSOLE:
		return 50;
	default:
		return 0;
	}
}

/* A driver stays with who takes its packets: they cross no core on their way through. */
uint32_t traffic_bond(const struct child *c)
{
	enum role role = init.routing ? ROLE_ROUTER : ROLE_STACK;

	for (uint32_t i = 0; c->role == ROLE_DRIVER && i < init.children_n; i++)
		if (init.children[i].role == role && init.children[i].pair == c->pair)
			return i;
	return NOBODY;
}

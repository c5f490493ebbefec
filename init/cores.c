/*
 * Which domain lives on which core.
 *
 * Drivers and router share a core: a packet then crosses no core on its way through. Stack and
 * applications stay off the forwarding core where they can, so that a hung one never stops
 * forwarding; with few cores they share one, since crossing cores costs more than it gains. Each
 * further replica of the router lives on the next core, with the drivers of its queue pairs.
 */
#include "init/init.h"

#define WATCHDOG 10u /* s */
#define COLUMNS  4u  /* 1, 2, 3, and 4 or more cores */

static const uint8_t router_cores[ROLES][COLUMNS] = {
        [ROLE_CONSOLE] = {0, 0, 0, 0}, [ROLE_DRIVER] = {0, 1, 1, 1}, [ROLE_ROUTER] = {0, 1, 1, 1},
        [ROLE_STACK] = {0, 0, 2, 2},   [ROLE_HTTPD] = {0, 0, 2, 3},  [ROLE_IPERF3] = {0, 0, 2, 3},
};
static const uint8_t httpd_cores[ROLES][COLUMNS] = {
        [ROLE_CONSOLE] = {0, 0, 0, 0}, [ROLE_DRIVER] = {0, 1, 1, 1}, [ROLE_ROUTER] = {0, 1, 1, 1},
        [ROLE_STACK] = {0, 1, 1, 1},   [ROLE_HTTPD] = {0, 1, 2, 2},  [ROLE_IPERF3] = {0, 1, 2, 2},
};

static const struct config_domain *wish_of(const struct child *c)
{
	static const enum config_domain_id ids[ROLES] = {
	        [ROLE_CONSOLE] = CONFIG_CONSOLE, [ROLE_DRIVER] = CONFIG_DRIVER,
	        [ROLE_ROUTER] = CONFIG_ROUTER,   [ROLE_STACK] = CONFIG_STACK,
	        [ROLE_HTTPD] = CONFIG_HTTPD,     [ROLE_IPERF3] = CONFIG_IPERF3,
	};

	return &init.config.domains[ids[c->role] + (c->role == ROLE_DRIVER ? c->port : 0)];
}

static void choose(struct child *c)
{
	uint32_t column = (mx_boot->cores < COLUMNS ? mx_boot->cores : COLUMNS) - 1;
	const struct config_domain *wish = wish_of(c);
	struct mx_spawn *q = &c->request;

	q->core = (init.routing ? router_cores : httpd_cores)[c->role][column];
	q->core = (q->core + c->pair) % mx_boot->cores; /* a replica and its drivers together */
	c->core_set = wish->core_line && wish->core < mx_boot->cores;
	c->heap_set = wish->heap_line != 0;
	if (c->core_set)
		q->core = (wish->core + c->pair) % mx_boot->cores;
	q->heap = wish->heap;
	q->quota = wish->frames;
	c->frames_set = wish->frames_line != 0;
	q->budget = wish->budget;
	c->policy = (struct policy){.never = wish->restart == CONFIG_NEVER,
	                            .limit = wish->limit_line ? wish->limit : POLICY_LIMIT};
	c->watch.limit = wish->watchdog_line ? wish->watchdog : WATCHDOG;
	c->image = wish->image_line ? wish->image : NULL;
}

void cores_check(void)
{
	for (uint32_t i = 0; i < init.children_n; i++) {
		const struct child *c = &init.children[i];
		const struct config_domain *wish = wish_of(c);

		if (wish->core_line && !c->core_set)
			output_line("%s:%u: '%u': the machine has %u cores, %s stays on core %u",
			            init.text_name, wish->core_line, wish->core, mx_boot->cores,
			            c->request.name, c->request.core);
	}
}

void cores_choose(void)
{
	for (uint32_t i = 0; i < init.children_n; i++)
		choose(&init.children[i]);
}

bool cores_lost(uint32_t core)
{
	struct mx_stat stat = {.core = core};

	return mx_trap(MX_TRAP_SPAWN, MX_SPAWN_STAT, (uint64_t)&stat, 0) == MX_EPEER;
}

/* Where fewest live. Who shared the lost core shares this one, too. */
static uint32_t heir_of(uint32_t lost)
{
	static uint8_t heirs[MX_CORES_MAX]; /* + 1; 0: not chosen */
	uint32_t n[MX_CORES_MAX] = {0}, best = mx_boot->cores;

	for (uint32_t i = 0; i < init.children_n; i++)
		n[init.children[i].request.core]++;
	for (uint32_t core = 0; core < mx_boot->cores; core++)
		if (!cores_lost(core) && (best == mx_boot->cores || n[core] < n[best]))
			best = core;
	if (!heirs[lost] || cores_lost(heirs[lost] - 1u))
		heirs[lost] = (uint8_t)(best + 1);
	return heirs[lost] - 1u;
}

bool cores_again(uint32_t first, uint32_t end)
{
	bool moved = false;

	for (uint32_t i = first; i < end; i++) {
		struct mx_spawn *q = &init.children[i].request;

		if (!cores_lost(q->core))
			continue;
		q->core = heir_of(q->core);
		moved = true;
	}
	return moved;
}

/*
 * What the configuration wishes for each domain: see `set system domain` in docs/configuration.md.
 */
#include "init/init.h"

#define WATCHDOG 10u /* s */

const struct config_domain *wish_of(const struct child *c)
{
	static const enum config_domain_id ids[ROLES] = {
	        [ROLE_CONSOLE] = CONFIG_CONSOLE, [ROLE_DRIVER] = CONFIG_DRIVER,
	        [ROLE_ROUTER] = CONFIG_ROUTER,   [ROLE_STACK] = CONFIG_STACK,
	        [ROLE_HTTPD] = CONFIG_HTTPD,     [ROLE_IPERF3] = CONFIG_IPERF3,
	};

	return &init.config.domains[ids[c->role] + (c->role == ROLE_DRIVER ? c->port : 0)];
}

static void grant(struct child *c)
{
	const struct config_domain *wish = wish_of(c);
	struct mx_spawn *q = &c->request;

	c->core_set = wish->core_line && wish->core < mx_boot->cores;
	if (c->core_set) /* the replicas behind the first have the next ones */
		q->core = (wish->core + c->pair) % mx_boot->cores;
	c->heap_set = wish->heap_line != 0;
	q->heap = wish->heap;
	q->quota = wish->frames;
	c->frames_set = wish->frames_line != 0;
	q->budget = wish->budget;
	c->policy = (struct policy){.never = wish->restart == CONFIG_NEVER,
	                            .limit = wish->limit_line ? wish->limit : POLICY_LIMIT};
	c->watch.limit = wish->watchdog_line ? wish->watchdog : WATCHDOG;
	c->image = wish->image_line ? wish->image : NULL;
}

void wishes_grant(void)
{
	for (uint32_t i = 0; i < init.children_n; i++)
		grant(&init.children[i]);
}

void wishes_refused(void)
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

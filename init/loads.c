/*
 * How busy cores and children are, and what moves because of it.
 *
 * Interface: loads_turn looks when it is time; loads_moved is told of other moves.
 * Rules: while no core works only the cores are asked, and seldom: an idle machine stays idle.
 * What it decides is balance.c's. Never moved are: who the configuration gives a core, the console,
 * and the forwarding path: a driver and who takes its packets stay together, others make room.
 * Times are those of the machine: where a host runs fewer cores than the machine has, a core that
 * waits for the host seems to work, or to be idle.
 */
#include <stdio.h>
#include "init/balance.h"
#include "init/init.h"

_Static_assert(BALANCE_DOMAINS == CHILDREN, "a domain is the child of the same index");

/* What was read last, of a core or a child. */
struct reading {
	uint32_t handle; /* of the child; figures of another do not count */
	uint64_t at, ns; /* when; the time idle, or run, by then */
};

static struct balance balance;
static struct reading cores[MX_CORES_MAX], children[CHILDREN];
static uint64_t look_at;
static uint32_t fixed[CHILDREN]; /* the handle of a child that cannot be moved */

static bool read_stat(uint32_t core, uint32_t child, struct mx_stat *s)
{
	*s = (struct mx_stat){.core = core, .child = child};
	return mx_trap(MX_TRAP_SPAWN, MX_SPAWN_STAT, (uint64_t)s, 0) >= 0;
}

/* Per mille of the time since the reading before. */
static uint32_t share(struct reading *r, uint32_t handle, uint64_t ns)
{
	struct reading now = {handle, mx_now(), ns};
	uint64_t time = now.at - r->at, used = now.ns - r->ns;
	bool first = !r->at || r->handle != handle || now.ns < r->ns || !time;

	*r = now;
	if (first)
		return 0;
	return used < time ? (uint32_t)(used * BALANCE_ALL / time) : BALANCE_ALL;
}

static void read_core(uint32_t i)
{
	struct balance_core *c = &balance.cores[i];
	bool first = !cores[i].at;
	struct mx_stat s;

	c->lives = read_stat(i, 0, &s);
	c->load = c->lives && !first ? BALANCE_ALL - share(&cores[i], 0, s.idle_ns) : 0;
	if (first && c->lives)
		share(&cores[i], 0, s.idle_ns);
}

/* Whose packets cross nothing but the path: they are handed over most often. */
static bool on_path(const struct child *c)
{
	return c->role == ROLE_DRIVER || c->role == ROLE_ROUTER ||
	       (c->role == ROLE_STACK && !init.routing);
}

static void read_child(uint32_t i)
{
	const struct child *c = &init.children[i];
	struct balance_domain *d = &balance.domains[i];
	struct mx_stat s;

	d->core = c->request.core;
	d->moves = child_runs(c) && !c->core_set && c->role != ROLE_CONSOLE && !on_path(c) &&
	           fixed[i] != c->handle;
	d->load = 0;
	if (child_runs(c) && balance_works(&balance) && read_stat(d->core, c->handle, &s))
		d->load = share(&children[i], c->handle, s.ran_ns);
	else
		children[i].at = 0;
}

/* What placement has against a core, its load apart, which is measured here: per mille of a core.
 */
static int64_t cost(uint32_t domain, uint32_t core)
{
	return cores_against(&init.children[domain], core) / (CORE / BALANCE_ALL);
}

static void follow(const struct balance_move *m)
{
	struct child *c = &init.children[m->domain];
	char why[64];
	int64_t error;

	snprintf(why, sizeof why, ": core %u was busy for %u %% of the time", m->from,
	         balance.cores[m->from].load / (BALANCE_ALL / 100));
	error = move_child(c, m->core, 0, why);
	if (error == MX_EPERM || error == MX_EINVAL)
		fixed[m->domain] = c->handle;
	loads_moved(c);
}

void loads_moved(const struct child *c)
{
	uint32_t i = (uint32_t)(c - init.children);

	balance_moved(&balance, i, mx_now());
	look_at = mx_now() + balance_wait(&balance);
}

static void look(void)
{
	struct balance_move m;

	balance.cores_n = mx_boot->cores;
	balance.domains_n = init.children_n;
	balance.cost = cost;
	for (uint32_t i = 0; i < balance.cores_n; i++)
		read_core(i);
	for (uint32_t i = 0; i < balance.domains_n; i++)
		read_child(i);
	m = balance_look(&balance, mx_now());
	look_at = mx_now() + balance_wait(&balance);
	if (m.domain != BALANCE_NONE)
		follow(&m);
}

void loads_turn(void)
{
	if (init.config.migration == CONFIG_OFF || mx_boot->cores == 1 || init.children_n < 2)
		return;
	if (mx_now() >= look_at)
		look();
	mx_wake_at(look_at);
}

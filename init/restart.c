/*
 * The supervisor: what has ended is started again, from the request that was kept.
 *
 * The drivers of one port are one unit, since they have parts of one device: when one ends the
 * others are ended too, and a device has a new owner only when all have. Every other domain is a
 * unit of its own, and nobody else is restarted: the peers of the new domain hear MX_EVENT_RESET by
 * their channels, and it hears its part of the configuration from the beginning.
 * Rules: when it comes back is decided by policy.c; nothing here waits. A channel whose other end
 * has ended meanwhile stays unbound, which is no error: that one's own restart binds it.
 */
#include "init/init.h"

#define GIVEN_UP POLICY_NEVER

static bool lives(const struct child *c)
{
	return c->life == LIFE_CREATED || c->life == LIFE_STARTED || c->life == LIFE_READY;
}

static uint32_t unit_first(uint32_t i)
{
	return init.children[i].role == ROLE_DRIVER ? i - init.children[i].pair : i;
}

static uint32_t unit_end(uint32_t first)
{
	uint32_t end = first + 1;

	while (end < init.children_n && unit_first(end) == first)
		end++;
	return end;
}

static struct child *lead_of(const struct child *c)
{
	return &init.children[unit_first((uint32_t)(c - init.children))];
}

static int64_t end_child(struct child *c)
{
	return mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, c->handle, 0);
}

int64_t restart_kill(struct child *c)
{
	if (!lives(c))
		return MX_EPEER;
	lead_of(c)->asked = true;
	return end_child(c);
}

void restart_fail(struct child *c)
{
	end_child(c);
}

/* A unit that is down, or waits for its time. */
bool restart_start(struct child *c)
{
	struct child *lead = lead_of(c);

	if (lead->life != LIFE_ENDED || !lead->due)
		return false;
	lead->due = mx_now();
	lead->policy.row = 0;
	return true;
}

void restart_ended(struct child *c)
{
	uint32_t first = unit_first((uint32_t)(c - init.children));

	if (c->last.cause == MX_CAUSE_CORE) /* no fault of its own */
		lead_of(c)->asked = true;
	for (uint32_t i = first; i < unit_end(first); i++)
		if (lives(&init.children[i]))
			end_child(
			        &init.children[i]); /* one that has ended by itself is told soon */
	c->ended_at = mx_now();
}

void restart_ready(struct child *c)
{
	uint64_t now = mx_now(), down = now - c->ended_at;

	policy_ready(&lead_of(c)->policy, now);
	if (c->restarts)
		output_line("moxie: %s works again after %llu.%llu ms (restart %u)",
		            c->request.name, down / MX_MS, down % MX_MS / (MX_MS / 10),
		            c->restarts);
}

bool restart_given_up(const struct child *c)
{
	return c->life == LIFE_ENDED && lead_of(c)->due == GIVEN_UP;
}

void restart_give_up(void)
{
	for (uint32_t i = 1; i < init.children_n; i++)
		init.children[i].due = GIVEN_UP;
}

static bool all_ended(uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i++)
		if (init.children[i].life != LIFE_ENDED)
			return false;
	return true;
}

static bool inside(uint32_t i, uint32_t first, uint32_t end)
{
	return i >= first && i < end;
}

static bool bind_all(uint32_t first, uint32_t end)
{
	for (uint32_t i = 0; i < init.joints_n; i++) {
		const struct joint *j = &init.joints[i];

		if ((inside(j->a, first, end) || inside(j->b, first, end)) &&
		    lives(&init.children[j->a]) && lives(&init.children[j->b]) && !spawn_join(j))
			return false;
	}
	return true;
}

/* All of it runs, or what was created is ended: its end is told, and leads here again. */
static bool start_unit(uint32_t first, uint32_t end)
{
	bool moved = cores_again(first, end), good = true;

	for (uint32_t i = first; i < end && good; i++) {
		/* What is kept lies on the core of before. */
		kept_offer(&init.children[i], moved ? UINT32_MAX : init.children[first].policy.row);
		good = spawn_create(&init.children[i], false);
	}
	good = good && bind_all(first, end);
	for (uint32_t i = first; i < end && good; i++) /* the owner of the device is the first */
		good = spawn_start(&init.children[i]);
	for (uint32_t i = first; i < end; i++) {
		struct child *c = &init.children[i];

		if (!good && lives(c))
			end_child(c);
		c->restarts += good;
	}
	return good;
}

/* It is time for the unit, all of which has ended. */
static bool is_due(struct child *lead)
{
	uint64_t now = mx_now();

	if (!lead->due) {
		lead->due = policy_ended(&lead->policy, now, lead->asked);
		lead->asked = false;
		if (lead->due == GIVEN_UP) {
			output_line("moxie: %s stays down%s", lead->request.name,
			            lead->policy.never ? "" : ": it was restarted too often");
			report_ready();
		}
	}
	if (lead->due == GIVEN_UP)
		return false;
	if (lead->due > now)
		mx_wake_at(lead->due);
	return lead->due <= now;
}

void restart_turn(void)
{
	for (uint32_t first = 0, end; first < init.children_n; first = end) {
		struct child *lead = &init.children[first];

		end = unit_end(first);
		while (all_ended(first, end) && is_due(lead)) {
			lead->due = 0;
			start_unit(first, end);
		}
	}
}

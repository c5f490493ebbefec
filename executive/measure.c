/* What a message costs: see measure.h. */
#include "executive/arch.h"
#include "executive/lattice.h"
#include "executive/measure.h"
#include "executive/remote.h"

#define ROUNDS     16u
#define FIRST_NS   10000000u /* it may have to start, or to be woken */
#define ROUNDS_NS  500000u   /* all rounds of a pair; one takes 0.4 us natively */
#define LINGER_NS  50000u    /* until the next one comes */
#define MACHINE_NS 40000000u /* all pairs: then the machine starts without */

uint64_t measure_until;
static uint32_t asked, answered; /* numbers of messages: sent, and come back */
static bool awake;               /* who answered last was: it looked for the message */
static uint32_t told;            /* set of cores that have said what they measured */

static uint32_t all_cores(void)
{
	return (uint32_t)((1ull << machine.cores) - 1);
}

static bool round_trip(uint32_t core, uint64_t end)
{
	struct remote r = {.kind = REMOTE_PING, .slot = (uint8_t)self};

	r.value = ++asked;
	if (!remote_try(core, &r))
		return false;
	fifo_publish();
	while (answered != asked) {
		if (arch_now() > end)
			return false;
		remote_drain();
	}
	return true;
}

/*
 * ns, half of the quickest round; 0: it did not answer in time. A round for which the other had to
 * be woken does not count: so virtual cores answer that have to share one of the host's.
 */
static uint16_t cost_to(uint32_t core)
{
	uint64_t best = UINT64_MAX, start = arch_now(), end;

	if (!round_trip(core, start + FIRST_NS))
		return 0;
	end = arch_now() + ROUNDS_NS;
	for (uint32_t i = 0; i < ROUNDS; i++) {
		start = arch_now();
		if (!round_trip(core, end))
			break;
		if (awake && arch_now() - start < best)
			best = arch_now() - start;
	}
	best = best / 2 ? best / 2 : 1;
	return best < UINT16_MAX ? (uint16_t)best : 0;
}

static uint32_t path(uint32_t a, uint32_t b)
{
	return iskra_find(lattice, MX_KIND_PATH, mx_path_id(MX_PATH_CORES, a, b));
}

static uint32_t assumed[MX_CORES_MAX][MX_CORES_MAX]; /* of those that were measured; else 0 */
static uint32_t scale = UINT32_MAX; /* 1/1000: the least that a measured one costs of that */

static void learn(uint32_t a, uint32_t b, uint32_t cost)
{
	struct mx_record r;

	if (!cost)
		return;
	r = *iskra_get(lattice, path(a, b));
	assumed[a][b] = r.cost;
	if ((uint64_t)cost * 1000 / r.cost < scale)
		scale = (uint32_t)((uint64_t)cost * 1000 / r.cost);
	r.cost = cost;
	r.flags |= MX_RECORD_MEASURED;
	iskra_change(lattice, path(a, b), &r);
}

/* The quickest of the pairs that were assumed to cost as much; 0: none was measured. */
static uint32_t alike(uint32_t cost)
{
	uint32_t best = 0;

	for (uint32_t a = 0; a < machine.cores; a++)
		for (uint32_t b = a + 1; b < machine.cores; b++) {
			uint32_t own = 0;

			if (assumed[a][b] == cost)
				own = iskra_get(lattice, path(a, b))->cost;
			if (own && (!best || own < best))
				best = own;
		}
	return best;
}

/* What was assumed of others, and of messages within a core, is only right in proportion. */
static void assume(uint32_t index)
{
	struct mx_record r = *iskra_get(lattice, index);
	uint32_t cost = alike(r.cost);

	if (r.flags & MX_RECORD_MEASURED)
		return;
	r.cost = cost ? cost : (uint32_t)((uint64_t)r.cost * scale / 1000) + 1;
	iskra_change(lattice, index, &r);
}

static void settle(void)
{
	if (scale == UINT32_MAX)
		return;
	assume(iskra_find(lattice, MX_KIND_PATH, mx_path_id(MX_PATH_LEVEL, MX_LEVEL_CORE, 0)));
	for (uint32_t a = 0; a < machine.cores; a++)
		for (uint32_t b = a + 1; b < machine.cores; b++)
			assume(path(a, b));
}

static void hear(const struct remote *r)
{
	if (told >> r->slot & 1)
		return;
	told |= 1u << r->slot;
	for (uint32_t b = r->slot + 1; b < machine.cores; b++)
		learn(r->slot, b, r->costs[b]);
	if (told == all_cores())
		settle();
}

/* This core's pairs; then it is the next one's turn. */
static void measure_own(void)
{
	struct remote r = {.kind = REMOTE_COSTS, .slot = (uint8_t)self};

	for (uint32_t core = self + 1; core < machine.cores; core++)
		r.costs[core] = cost_to(core);
	for (uint32_t core = 0; core < machine.cores; core++)
		remote_send(core, &r);
	r.kind = REMOTE_MEASURE;
	if (self + 1 < machine.cores)
		remote_send(self + 1, &r);
	fifo_publish();
}

void measure_told(const struct remote *r)
{
	struct remote echo = *r;

	switch (r->kind) {
	case REMOTE_PING:
		echo.kind = REMOTE_PONG;
		echo.status = measure_lingers(arch_now());
		measure_until = arch_now() + LINGER_NS;
		if (remote_try(r->slot, &echo))
			fifo_publish();
		break;
	case REMOTE_PONG:
		answered = r->value;
		awake = r->status;
		break;
	case REMOTE_COSTS:
		hear(r);
		break;
	default:
		measure_own();
	}
}

/* Asleep while others measure: the last one to tell has only its echoes to tell of. */
void measure(void)
{
	uint64_t end = arch_now() + MACHINE_NS, now;

	measure_own();
	while (told != all_cores() && (now = arch_now()) < end) {
		remote_drain();
		fifo_publish();
		if (told == all_cores() || measure_lingers(now))
			continue;
		if (fifo_sleep())
			arch_idle(end);
		fifo_woken();
	}
}

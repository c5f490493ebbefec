/* What a crossing is made of: traps, switches, notifications, round trips of single messages. */
#include "tests/crossing/ends.h"

#define HALTED (200 * MX_US) /* a core without work has halted long before that */

static uint32_t times_for(uint64_t ns, uint64_t one)
{
	return (uint32_t)(ns / one) + 10;
}

static void traps(uint64_t ns)
{
	uint32_t n = times_for(ns, 100);
	uint64_t t = mx_now();

	for (uint32_t i = 0; i < n; i++)
		mx_trap(MX_TRAP_NOTIFY, 0, 0, 0);
	report_add("trap", 0, 0, mx_now() - t, n);
	t = mx_now();
	for (uint32_t i = 0; i < n; i++)
		turn(MX_BATCH, true);
	report_add("exchange", 0, 0, mx_now() - t, n);
}

/* Same core: each turn lets the other run. */
static void switches(uint64_t ns)
{
	struct order o = {.op = OP_YIELD, .rounds = times_for(ns, 5000)};
	uint64_t t;

	order_start(&o);
	t = mx_now();
	for (uint32_t i = 0; i < o.rounds; i++)
		turn(0, true);
	t = mx_now() - t;
	report_add("switch", 0, 0, t, 2ull * o.rounds);
	order_finish(&o);
}

static uint64_t stamp(bool wait)
{
	struct crossing_small m;
	uint64_t at;

	while (!mx_end_recv(&volley_small, &m))
		if (wait)
			turn(0, false);
	mx_notify_mask = 0; /* far waits for no credit */
	memcpy(&at, &m, sizeof at);
	return at;
}

/* Far tells when it ran; all cores' clocks count alike. */
static void bells(const char *sender, const char *receiver, struct order o, uint64_t pause)
{
	uint64_t paid = 0, late = 0;

	order_start(&o);
	for (uint32_t i = 0; i < o.rounds; i++) {
		uint64_t from = mx_now(), t;

		while (mx_now() - from < pause)
			;
		t = mx_now();
		mx_trap(MX_TRAP_NOTIFY, 1ull << SLOT_SMALL, 0, 0);
		paid += mx_now() - t;
		late += stamp(!near_apart) - t;
	}
	report_add(sender, 0, 0, paid, o.rounds);
	report_add(receiver, 0, 0, late, o.rounds);
	order_finish(&o);
}

static void trips(const char *name, enum way way, bool poll, uint64_t ns)
{
	struct order o = {.way = (uint8_t)way, .poll = poll, .size = 64, .batch = 1};
	uint64_t crossings, took = curve_volleys(&o, ns, &crossings);

	report_add(name, 0, 0, took * 2, crossings);
}

void basics_measure(uint64_t ns)
{
	struct order awake = {.op = OP_BELL, .poll = near_polls, .rounds = times_for(ns, 5000)};
	struct order halted = {.op = OP_BELL, .rounds = times_for(ns, HALTED)};

	traps(ns);
	if (!near_apart)
		switches(ns);
	bells("notify-paid", "notify-late", awake, 0);
	if (near_apart) {
		bells("notify-halted-paid", "notify-halted-late", halted, HALTED);
		trips("trip-plain-polled", WAY_MESSAGE, true, ns);
		trips("trip-bare-polled", WAY_BARE, true, ns);
		trips("trip-frame-polled", WAY_REMAP, true, ns);
	}
	trips("trip-plain", WAY_MESSAGE, false, ns);
	trips("trip-bare", WAY_BARE, false, ns);
	trips("trip-frame", WAY_REMAP, false, ns);
}

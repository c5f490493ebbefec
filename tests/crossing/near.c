/* The near end: rounds of all figures, and orders to the far one. */
#include "tests/crossing/ends.h"

bool near_apart, near_polls;
static struct crossing_order_end orders;

static void answer(struct order *o)
{
	while (!crossing_order_recv(&orders, o))
		turn(0, false);
}

void order_start(struct order *o)
{
	struct order ready;

	o->apart = near_apart;
	mx_assert(crossing_order_try_send(&orders, o));
	answer(&ready);
	turn_pending = 0;
}

void order_finish(struct order *o)
{
	answer(o);
	report_bad(o->bad);
}

_Noreturn void near_run(const struct crossing_args *args)
{
	near_apart = mx_boot->cores > 1;
	near_polls = near_apart && args->poll;
	mx_assert(crossing_order_open(&orders, mx_boot, SLOT_ORDER));
	curve_open(args->at);
	for (uint32_t round = 0; round < args->rounds; round++) {
		report_round(round);
		basics_measure(args->ns);
		curve_measure(args->ns);
	}
	report_print();
	for (;;)
		turn(0, false);
}

/* Reached once; the loop of the library is left. */
void domain_start(void)
{
	struct crossing_args args;

	mx_assert(mx_boot->args_len == sizeof args);
	memcpy(&args, mx_boot->args, sizeof args);
	volley_open();
	if (args.role == ROLE_FAR)
		far_run();
	near_run(&args);
}

void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	(void)in;
	(void)n;
	(void)pending;
}

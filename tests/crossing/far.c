/* The far end: does what the order says, and answers. */
#include "tests/crossing/ends.h"

static struct crossing_order_end orders;

static void answer(struct order *o)
{
	mx_assert(crossing_order_try_send(&orders, o));
	turn(0, true);
}

static void volleys(const struct order *o)
{
	for (uint32_t i = 0; i < o->rounds; i++) {
		volley_receive(o);
		volley_send(o);
	}
}

/* Each time it is notified it tells when it ran. Near looks for that itself when it is apart. */
static void bell(const struct order *o)
{
	for (uint32_t i = 0; i < o->rounds; i++) {
		struct crossing_small m = {{0}};
		uint64_t now;

		while (!(turn_pending >> SLOT_SMALL & 1))
			turn(0, o->poll);
		now = mx_now();
		turn_pending &= ~(1ull << SLOT_SMALL);
		memcpy(&m, &now, sizeof now);
		mx_assert(mx_end_try_send(&volley_small, &m));
		if (o->apart)
			mx_notify_mask = 0;
	}
}

static void obey(const struct order *o)
{
	if (o->op == OP_VOLLEY)
		volleys(o);
	else if (o->op == OP_BELL)
		bell(o);
	else
		for (uint32_t i = 0; i < o->rounds; i++)
			turn(0, true);
}

_Noreturn void far_run(void)
{
	struct order o;

	mx_assert(crossing_order_open(&orders, mx_boot, SLOT_ORDER));
	for (;;) {
		while (!crossing_order_recv(&orders, &o))
			turn(0, false);
		volley_prepare(&o, ROLE_FAR);
		turn_pending = 0;
		answer(&o);
		obey(&o);
		o.bad = volley_bad;
		answer(&o);
	}
}

/*
 * See pairs.h.
 */
#include <moxie/domain.h>
#include <moxie/pair.h>
#include <moxie/slots.h>
#include "driver.h"
#include "pairs.h"

static struct mx_driver_args args;
static struct mx_pair_end ends[MX_PAIRS]; /* the lead's to its followers; [0] a follower's to it */
static uint32_t used;                     /* queues; 0: init has not decided */
static uint32_t due;                      /* followers that are to hear, as a set */
static bool had_due, works;

static void open_device(void)
{
	const char *error = device_open(&device, &args);

	if (error)
		port_fail(error);
}

static void begin(void)
{
	works = true;
	driver_works();
	port_ready();
}

static void use(uint32_t n)
{
	used = n;
	device_use_queues(&device, used);
	for (uint32_t k = 1; k < args.pairs; k++)
		due |= 1u << k;
	begin();
}

void pairs_start(const struct mx_driver_args *a)
{
	args = *a;
	if (args.pair) {
		if (!mx_pair_open(&ends[0], mx_boot, MX_DRIVER_LEAD))
			port_fail("no channel to the driver that has the device");
		return;
	}
	open_device();
	for (uint32_t k = 1; k < args.pairs; k++)
		if (!mx_pair_open(&ends[k], mx_boot, MX_DRIVER_PAIR + k))
			port_fail("no channel to a follower");
	had_due = args.pairs > 1;
	if (had_due)
		mx_again();
	else
		use(1);
}

void pairs_parent(void)
{
	had_due = !args.pair && args.pairs > 1;
	mx_again();
}

static uint32_t most(void)
{
	return device.host.queues < args.pairs ? device.host.queues : args.pairs;
}

void pairs_use(uint64_t n)
{
	if (used || n == 0 || n > most())
		return;
	use((uint32_t)n);
	mx_again();
}

static void tell_had(void)
{
	struct mx_control m = {
	        .op = MX_CTL_PAIRS_HAD, .port = (uint16_t)args.port, .value = most()};

	had_due = !mx_control_try_send(&parent, &m);
}

static void tell(uint32_t k)
{
	struct mx_pair m = {.op = k < used ? MX_PAIR_LINK : MX_PAIR_OFFER, .idle = k >= used};

	if (k < used)
		m.link = device.link;
	if (mx_pair_try_send(&ends[k], &m))
		due &= ~(1u << k);
}

static void hear(void)
{
	struct mx_pair m;

	while (mx_pair_recv(&ends[0], &m)) {
		if (works)
			continue;
		if (m.op == MX_PAIR_OFFER && m.idle) {
			port_ready();
		} else if (m.op == MX_PAIR_LINK) {
			open_device();
			begin();
		}
	}
}

void pairs_turn(void)
{
	if (args.pair)
		hear();
	if (had_due)
		tell_had();
	for (uint32_t left = due; left; left &= left - 1)
		tell((uint32_t)__builtin_ctz(left));
}

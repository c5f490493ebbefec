/*
 * An application that does nothing for anybody and is never done: it takes all of its core that its
 * neighbours leave. It waits often enough to be no case for the guard, and answers its parent.
 */
#include <moxie/domain.h>
#include <moxie/parent.h>
#include <moxie/slots.h>

#define TURN (1 * MX_MS)

static struct mx_control_end parent;

void domain_start(void)
{
	const struct mx_control ready = {.op = MX_CTL_READY};

	mx_control_open(&parent, mx_boot, MX_PARENT);
	mx_control_try_send(&parent, &ready);
	mx_again();
}

void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	uint64_t until = mx_now() + TURN;
	struct mx_control m;

	(void)pending;
	for (uint32_t i = 0; i < n; i++)
		mx_free(in[i].frame);
	while (mx_parent_recv(&parent, &m))
		;
	while (mx_now() < until)
		;
	mx_again();
}

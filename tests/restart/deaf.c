/*
 * A domain that says it works and then neither works nor ends: it waits, and reads nothing.
 *
 * It holds nothing up but itself, so only a question that goes unanswered finds it.
 */
#include <moxie/control.h>
#include <moxie/domain.h>
#include <moxie/slots.h>

void domain_start(void)
{
	const struct mx_control ready = {.op = MX_CTL_READY};
	struct mx_control_end parent;

	mx_control_open(&parent, mx_boot, MX_PARENT);
	mx_control_try_send(&parent, &ready);
}

void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	(void)in;
	(void)n;
	(void)pending;
}

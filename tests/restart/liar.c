/*
 * A domain that floods init and lies to it: every kind of message and none, as fast as the ring
 * takes them, and counters without an end.
 *
 * It answers the watchdog, so it goes on as long as it likes; only init has to bear it.
 */
#include <string.h>
#include <moxie/domain.h>
#include <moxie/parent.h>
#include <moxie/slots.h>

static struct mx_control_end parent;
static uint64_t said;

void domain_start(void)
{
	mx_control_open(&parent, mx_boot, MX_PARENT);
	mx_again();
}

void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	struct mx_control m = {.op = MX_CTL_READY};

	(void)in;
	(void)n;
	(void)pending;
	while (mx_parent_recv(&parent, &m))
		;
	do {
		m = (struct mx_control){.op = (uint16_t)(said % 80), .port = (uint16_t)said};
		m.value = said % 3 ? said : UINT64_MAX;
		memset(m.name, '\033', sizeof m.name);
		if (m.op == MX_CTL_COUNTERS_END)
			m.op = MX_CTL_COUNTER;
		said++;
	} while (mx_control_try_send(&parent, &m));
	mx_again();
}

/* A probe: one case, as its arguments say, then the end. */
#include "tests/guest/probe.h"

void domain_start(void)
{
	struct guest_args args;
	probe_run *run;

	if (mx_boot->args_len < sizeof args)
		mx_exit(__LINE__);
	memcpy(&args, mx_boot->args, sizeof args);
	raw_pending = mx_boot->exchange->pending; /* the library has exchanged once */
	if (args.which <= PROBE_STACK)
		run = probe_memory;
	else if (args.which <= PROBE_SPIN)
		run = probe_cpu;
	else if (args.which <= PROBE_BAD_COUNTS)
		run = probe_trap;
	else if (args.which <= PROBE_FREE_BAD)
		run = probe_send;
	else if (args.which <= PROBE_FLOOD)
		run = probe_frames;
	else if (args.which <= PROBE_NOTIFY)
		run = probe_plain;
	else if (args.which <= PROBE_KEEP_PARENT)
		run = probe_keep;
	else if (args.which <= PROBE_SHARER)
		run = probe_device;
	else
		run = probe_move;
	mx_trap(MX_TRAP_EXIT, run(&args), 0, 0);
}

/* Never reached: domain_start does not return. */
void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	(void)in;
	(void)n;
	(void)pending;
	mx_exit(__LINE__);
}

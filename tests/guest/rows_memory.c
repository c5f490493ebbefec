/* Memory: what faults, and where. Vector 14 is the page fault, 13 the general protection fault. */
#include "tests/guest/suite.h"

#define FAULT(v) .cause = MX_CAUSE_FAULT, .status = (v)

const char *play_early(struct probe *p)
{
	uint32_t frame;

	NEED(raw_take(&frame, 1, mx_now() + MX_S) == 1);
	for (uint32_t i = 0; i <= MX_CHAIN_MAX; i++)
		raw_out(SLOT_OWN, i < MX_CHAIN_MAX ? MX_NOFRAME : frame, 0)->body[0] = frame;
	NEED(raw_submit() == MX_OK);
	p->told = frame;
	return NULL;
}

const char *play_send(struct probe *p)
{
	uint32_t frame;

	NEED(raw_take(&frame, 1, mx_now() + MX_S) == 1);
	raw_out(SLOT_OWN, frame, 0);
	NEED(raw_submit() == MX_OK);
	p->told = frame;
	return NULL;
}

/* Addresses of the executive, see executive/x86_64/layout.h. */
#define KERNEL 0xffffffff80100000ull
#define DIRECT 0xffff800000100000ull
#define AREA   0xffffff000000fff8ull

const struct row rows_memory[] = {
        {"write after transfer", PROBE_USE_SENT, FAULT(14), .a = ACCESS_WRITE, .where = TOLD},
        {"read after transfer", PROBE_USE_SENT, FAULT(14), .a = ACCESS_READ, .where = TOLD},
        {"write after freeing", PROBE_USE_SENT, FAULT(14), .a = ACCESS_WRITE, .b = 1},
        {"read after freeing many", PROBE_USE_SENT, FAULT(14), .a = ACCESS_READ, .b = 60},
        {"read before collecting", PROBE_USE_EARLY, FAULT(14), .where = TOLD, .play = play_early},
        {"read a frame of the parent", PROBE_USE_FRAME, FAULT(14), .b = ACCESS_READ,
         .options = FOREIGN, .where = TOLD},
        {"write a frame of the parent", PROBE_USE_FRAME, FAULT(14), .b = ACCESS_WRITE,
         .options = FOREIGN, .where = TOLD},
        {"a driver reads a received frame", PROBE_USE_RECEIVED, FAULT(14),
         .options = NO_WINDOW | MACHINE, .where = TOLD, .play = play_send},
        {"a driver reads a frozen frame", PROBE_USE_FROZEN, FAULT(14), .b = ACCESS_READ,
         .options = NO_WINDOW | MACHINE},
        {"read a frozen frame", PROBE_USE_FROZEN, WELL, .b = ACCESS_READ},
        {"write a frozen frame", PROBE_USE_FROZEN, FAULT(14), .b = ACCESS_WRITE},
        {"a frozen frame stays readable when sent", PROBE_FROZEN_SENT, WELL},
        {"write the boot page", PROBE_OWN_MEMORY, FAULT(14), .a = OWN_BOOT, .where = BOOT_PAGE},
        {"write the own receive ring", PROBE_OWN_MEMORY, FAULT(14), .a = OWN_RING},
        {"write the text", PROBE_OWN_MEMORY, FAULT(14), .a = OWN_TEXT},
        {"jump into data", PROBE_OWN_MEMORY, FAULT(14), .a = OWN_DATA},
        {"jump into the stack", PROBE_OWN_MEMORY, FAULT(14), .a = OWN_STACK},
        {"jump into the heap", PROBE_OWN_MEMORY, FAULT(14), .a = OWN_HEAP},
        {"jump into the exchange block", PROBE_OWN_MEMORY, FAULT(14), .a = OWN_EXCHANGE},
        {"jump into a frame", PROBE_OWN_MEMORY, FAULT(14), .a = OWN_FRAME},
        {"overflow the stack", PROBE_STACK, FAULT(14)},
        {"read null", PROBE_ADDRESS, FAULT(14), .a = ACCESS_READ, .b = 8, .where = GIVEN,
         .address = 8},
        {"write null", PROBE_ADDRESS, FAULT(14), .a = ACCESS_WRITE, .where = GIVEN},
        {"jump to null", PROBE_ADDRESS, FAULT(14), .a = ACCESS_JUMP, .where = GIVEN},
        {"read the executive's text", PROBE_ADDRESS, FAULT(14), .a = ACCESS_READ, .b = KERNEL,
         .options = MACHINE, .where = GIVEN, .address = (uint32_t)KERNEL},
        {"write the executive's text", PROBE_ADDRESS, FAULT(14), .a = ACCESS_WRITE, .b = KERNEL,
         .options = MACHINE},
        {"jump into the executive", PROBE_ADDRESS, FAULT(14), .a = ACCESS_JUMP, .b = KERNEL,
         .options = MACHINE},
        {"read physical memory", PROBE_ADDRESS, FAULT(14), .a = ACCESS_READ, .b = DIRECT,
         .options = MACHINE},
        {"write physical memory", PROBE_ADDRESS, FAULT(14), .a = ACCESS_WRITE, .b = DIRECT,
         .options = MACHINE},
        {"jump into physical memory", PROBE_ADDRESS, FAULT(14), .a = ACCESS_JUMP, .b = DIRECT,
         .options = MACHINE},
        {"read the executive's stack", PROBE_ADDRESS, FAULT(14), .a = ACCESS_READ, .b = AREA,
         .options = MACHINE},
        {"write the executive's stack", PROBE_ADDRESS, FAULT(14), .a = ACCESS_WRITE, .b = AREA,
         .options = MACHINE},
        {"read no address at all", PROBE_ADDRESS, FAULT(13), .a = ACCESS_READ,
         .b = 0x8000000000000000ull},
        {"read memory by its physical address", PROBE_ADDRESS, FAULT(14), .a = ACCESS_READ,
         .b = 0x100000},
        {.name = NULL}};

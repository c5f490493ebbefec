/* Memory that is not there, or not for this: each access must end the domain. */
#include "tests/hostile/unmapped.h"
#include "tests/hostile/wrong.h"

static const char *touch(void)
{
	uint64_t at = unmapped(wrong_window);

	mx_log("at %llx", (unsigned long long)at);
	raw_yield();
	switch (dice_below(3)) {
	case 0:
		touch_read(at);
		break;
	case 1:
		touch_write(at);
		break;
	default:
		touch_jump(at);
	}
	return NULL;
}

/* The boot page ends, and so must the jump into it. */
static const char *jump_boot(void)
{
	touch_jump((uint64_t)(uintptr_t)mx_boot + (dice_below(MX_PAGE) & ~15u));
	return NULL;
}

static const char *write_rodata(void)
{
	static const char constant[] = "the same for life";

	touch_write((uint64_t)(uintptr_t)constant);
	return NULL;
}

#define PROBE(text, case_, a_, b_)                                                                 \
	{                                                                                          \
		(text), ENDS, NULL, probe_memory,                                                  \
		{                                                                                  \
			(case_), (a_), (b_)                                                        \
		}                                                                                  \
	}

const struct misdeed wrong_memory[] = {
        {"touch unmapped memory", ENDS, touch, NULL, {0}},
        {"touch unmapped memory, again", ENDS, touch, NULL, {0}},
        {"touch unmapped memory, once more", ENDS, touch, NULL, {0}},
        {"jump into the boot page", ENDS, jump_boot, NULL, {0}},
        {"write a constant", ENDS, write_rodata, NULL, {0}},
        PROBE("write the boot page", PROBE_OWN_MEMORY, OWN_BOOT, 0),
        PROBE("write the text", PROBE_OWN_MEMORY, OWN_TEXT, 0),
        PROBE("jump into data", PROBE_OWN_MEMORY, OWN_DATA, 0),
        PROBE("jump into the stack", PROBE_OWN_MEMORY, OWN_STACK, 0),
        PROBE("jump into the exchange block", PROBE_OWN_MEMORY, OWN_EXCHANGE, 0),
        PROBE("overflow the stack", PROBE_STACK, 0, 0),
        PROBE("write a frozen frame", PROBE_USE_FROZEN, 0, ACCESS_WRITE),
        PROBE("jump into the executive", PROBE_ADDRESS, ACCESS_JUMP, 0xffffffff80100000ull),
        {.name = NULL}};

/* For a domain with a window. */
const struct misdeed wrong_own_frames[] = {
        PROBE("write a frame that was sent", PROBE_USE_SENT, ACCESS_WRITE, 0),
        PROBE("read a frame that was sent", PROBE_USE_SENT, ACCESS_READ, 0),
        PROBE("read frames that were freed", PROBE_USE_SENT, ACCESS_READ, 60),
        PROBE("jump into a frame", PROBE_OWN_MEMORY, OWN_FRAME, 0),
        PROBE("jump into the heap", PROBE_OWN_MEMORY, OWN_HEAP, 0),
        {"send a frame beyond its end", REFUSED, NULL, probe_send, {PROBE_SEND_RANGE, 0, 0}},
        {"send what only the executive may say",
         REFUSED,
         NULL,
         probe_send,
         {PROBE_SEND_KIND, 0, 0}},
        {"send a frame twice", REFUSED, NULL, probe_send, {PROBE_SEND_TWICE, 0, 0}},
        {"send a chain with a loop", REFUSED, NULL, probe_send, {PROBE_CHAIN_LOOP, 0, 0}},
        {.name = NULL}};

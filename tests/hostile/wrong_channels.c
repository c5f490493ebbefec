/* Plain channels: to init and to the console. Indices, messages and notifications that lie. */
#include <moxie/control.h>
#include <moxie/slots.h>
#include <string.h>
#include "tests/hostile/wrong.h"

#define LIES 3000u

/* All a peer reads of this side: two indices, one flag, and the slots. */
static const char *lie_to(uint32_t slot)
{
	const struct mx_slot_info *info = &mx_boot->slots[slot];
	struct mx_ring *tx = info->tx;
	uint32_t bytes = info->depth * 64u; /* both channels have messages of one line */

	for (uint32_t i = 0; i < LIES; i++) {
		uint32_t step = dice_below(2 * info->depth);

		tx->tail = one_in(2) ? tx->tail + step : (uint32_t)dice_edge();
		tx->head = one_in(2) ? tx->head + step : (uint32_t)dice_edge();
		tx->thirst = (uint32_t)dice_edge();
		for (uint32_t k = 0; k < 8; k++)
			tx->slots[dice_below(bytes)] = (uint8_t)dice();
		mx_trap(MX_TRAP_NOTIFY, 1ull << slot, 0, 0);
		if (i % 16 == 0) /* the peer shall see many of them */
			raw_exchange(0, mx_now() + 100 * MX_US);
	}
	return NULL;
}

static const char *lie_to_init(void)
{
	return lie_to(MX_PARENT);
}

static const char *lie_to_console(void)
{
	return lie_to(MX_CONSOLE);
}

/* Random messages in the right way: as fast as init takes them. */
static const char *babble(void)
{
	uint64_t until = mx_now() + WRONG_WHILE;
	struct mx_control_end end;
	struct mx_control m;

	mx_control_open(&end, mx_boot, MX_PARENT);
	while (mx_now() < until) {
		for (uint32_t i = 0; i < sizeof m / 8; i++)
			((uint64_t *)&m)[i] = dice();
		m.op = one_in(4) ? (uint16_t)dice() : (uint16_t)(60 + dice_below(16));
		if (one_in(2))
			m.value = dice_edge();
		if (!mx_control_try_send(&end, &m))
			raw_exchange(0, mx_now() + 100 * MX_US);
	}
	return NULL;
}

/* Bytes that would steer a terminal, and pieces that say they are longer than they are. */
static const char *scrawl(void)
{
	uint64_t until = mx_now() + WRONG_WHILE;
	struct mx_line_end end;
	struct mx_line m;

	mx_line_open(&end, mx_boot, MX_CONSOLE);
	while (mx_now() < until) {
		for (uint32_t i = 0; i < sizeof m; i++)
			((uint8_t *)&m)[i] =
			        one_in(8) ? (uint8_t)dice() : (uint8_t)(32 + dice_below(95));
		m.length = one_in(4) ? (uint8_t)dice() : sizeof m.text;
		if (!mx_line_try_send(&end, &m))
			raw_exchange(0, mx_now() + 100 * MX_US);
	}
	m = (struct mx_line){.length = 1, .text = "\n"};
	while (!mx_line_try_send(&end, &m) && mx_now() < until + WRONG_WHILE)
		raw_exchange(0, mx_now() + MX_MS);
	return NULL;
}

/* Wakes everybody it can, and waits for nothing but its budget's sake. */
static const char *ring(void)
{
	uint64_t until = mx_now() + WRONG_WHILE;

	while (mx_now() < until) {
		for (uint32_t i = 0; i < 1000; i++)
			WRONG(mx_trap(MX_TRAP_NOTIFY, UINT64_MAX, 0, 0) == MX_OK);
		mx_boot->exchange->notify = UINT64_MAX;
		raw_exchange(0, MX_NOW);
	}
	return NULL;
}

/* It never waits, though it traps all the time. */
static const char *trap_without_wait(void)
{
	for (;;)
		mx_trap(MX_TRAP_NOTIFY, UINT64_MAX, 0, 0);
	return NULL;
}

static const char *write_own_ring(void)
{
	touch_write((uint64_t)(uintptr_t)mx_boot->slots[MX_PARENT].rx);
	return NULL;
}

static const char *leave_ring(void)
{
	touch_write((uint64_t)(uintptr_t)mx_boot->slots[MX_PARENT].tx + MX_RING_BYTES -
	            dice_below(MX_PAGE) - 1);
	return NULL;
}

const struct misdeed wrong_channels[] = {
        {"lie to init by the ring's indices", REFUSED, lie_to_init, NULL, {0}},
        {"lie to the console by the ring's indices", REFUSED, lie_to_console, NULL, {0}},
        {"babble to init", REFUSED, babble, NULL, {0}},
        {"scrawl on the console", REFUSED, scrawl, NULL, {0}},
        {"ring everybody's bell", REFUSED, ring, NULL, {0}},
        {"trap and never wait", ENDS, trap_without_wait, NULL, {0}},
        {"write the own ring", ENDS, write_own_ring, NULL, {0}},
        {"write behind the peer's ring", ENDS, leave_ring, NULL, {0}},
        {.name = NULL}};

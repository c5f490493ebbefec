/* Frames: sent that are not there, taken that are wanted elsewhere, credit that nobody gave. */
#include <moxie/slots.h>
#include "tests/hostile/block.h"
#include "tests/hostile/wrong.h"

#define RANDOM_TRAPS 400u

static uint32_t taken[0x10000];

/* Judged, each: see block.h. */
static const char *random_traps(void)
{
	block_open(wrong_window, NULL);
	for (uint32_t i = 0; i < RANDOM_TRAPS; i++)
		block_step();
	return NULL;
}

/* As many as the quota allows, for some time, and none is given back at the end. */
static const char *hoard(void)
{
	uint64_t until = mx_now() + WRONG_WHILE;
	uint32_t n = raw_take(taken, sizeof taken / sizeof *taken, until);

	WRONG(n <= mx_boot->quota && mx_boot->exchange->held <= mx_boot->quota);
	return NULL;
}

/* What the peers send stays where it is. */
static const char *never_collect(void)
{
	uint64_t until = mx_now() + WRONG_WHILE;

	while (mx_now() < until)
		raw_exchange(0, until);
	return NULL;
}

/* The executive counts by itself what may be sent. */
static const char *false_credit(void)
{
	struct mx_exchange *x = mx_boot->exchange;
	uint32_t depth = mx_boot->slots[SLOT_OWN].depth, sent = 0;

	for (uint32_t i = 0; i < 4 * depth; i++) {
		x->credit[SLOT_OWN] = UINT16_MAX;
		raw_out(SLOT_OWN, MX_NOFRAME, 0);
		x->out[0].kind = (uint8_t)dice_below(MX_EVENT);
		x->deadline = MX_NOW;
		x->in_max = 0;
		WRONG(mx_trap(MX_TRAP_EXCHANGE, 0, 0, 0) >= 0);
		sent += x->refused_n == 0;
		WRONG(x->refused_n == 0 || x->out[0].status == MX_ECREDIT ||
		      x->out[0].status == MX_EPEER);
		x->out_n = 0;
	}
	return sent ? NULL : "nothing could be sent at all";
}

/* Each frame there is, and some that are not: none of them is held. */
static const char *send_foreign(void)
{
	uint32_t all = mx_boot->pools[mx_boot->cores].first;

	wrong_collect(0);
	for (uint32_t f = 0; f < all; f++) {
		int status;

		raw_out(SLOT_OWN, f, 0);
		status = raw_submit();
		WRONG(status == MX_EOWNER || status == MX_ECREDIT || status == MX_EPEER);
	}
	return NULL;
}

/* Bare messages of every kind, as many as there is credit for. */
static const char *flood(void)
{
	uint64_t until = mx_now() + WRONG_WHILE;

	while (mx_now() < until) {
		struct mx_exchange *x = mx_boot->exchange;
		uint32_t n = x->credit[SLOT_OWN] < MX_BATCH ? x->credit[SLOT_OWN] : MX_BATCH;

		for (uint32_t i = 0; i < n; i++) {
			struct mx_msg *m = raw_out(SLOT_OWN, MX_NOFRAME, 0);

			m->kind = (uint8_t)dice_below(MX_EVENT);
			m->offset = (uint16_t)dice();
			for (uint32_t k = 0; k < 5; k++)
				m->body[k] = (uint32_t)dice();
		}
		raw_submit();
		wrong_collect(0);
	}
	return NULL;
}

const struct misdeed wrong_frames[] = {
        {"random traps", REFUSED, random_traps, NULL, {0}},
        {"random traps, again", REFUSED, random_traps, NULL, {0}},
        {"hoard frames", REFUSED, hoard, NULL, {0}},
        {"never collect", REFUSED, never_collect, NULL, {0}},
        {"send on credit it made up", REFUSED, false_credit, NULL, {0}},
        {"send every frame there is", REFUSED, send_foreign, NULL, {0}},
        {"flood the peer", REFUSED, flood, NULL, {0}},
        {.name = NULL}};

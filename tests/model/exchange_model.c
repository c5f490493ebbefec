/*
 * The exchange of two executives (executive/exchange.c, collect.c, remote.c, frame.c over fifo.c):
 * a domain on core 0 takes frames and sends them, one on core 1 frees them, and they come home.
 *
 * Every message comes once and in order; a frame has one owner, on one core; the frames' bytes are
 * touched by their owner alone, which the clocks of the memory model must show; no core sleeps over
 * work; in the end every frame is home and all credit is back.
 */
#include <string.h>
#include "tests/model/cell.h"
#include "tests/model/model.h"
#include "tests/model/pair.h"

static const struct pair_cell *const sides[2] = {&pair_0, &pair_1};
static uint32_t *frames[PAIR_POOL];

static void start(void)
{
	void *area;

	cells_reset();
	area = model_shared(sides[0]->area(2));
	for (uint32_t i = 0; i < PAIR_POOL; i++)
		frames[i] = model_shared(sizeof *frames[i]);
	for (uint32_t i = 0; i < 2; i++)
		sides[i]->start(i, area);
}

static struct mx_exchange *block(uint32_t t)
{
	return sides[t]->domain->x;
}

static void idle(uint32_t t)
{
	if (!sides[t]->sleep())
		return;
	model_wait();
	sides[t]->woken();
}

static void exchange(uint32_t t)
{
	model_check(sides[t]->exchange(sides[t]->domain, 1) >= 0);
	model_check(!block(t)->refused_n && !block(t)->bad);
	block(t)->out_n = block(t)->free_n = 0;
}

static void put(struct mx_exchange *x, uint32_t frame, uint32_t number)
{
	*frames[frame] = number;
	x->out[x->out_n++] =
	        (struct mx_msg){.frame = frame, .length = sizeof number, .body = {number}};
}

/* One frame an exchange; until all were sent and are home again. */
static void send_frames(uint32_t n)
{
	struct mx_exchange *x = block(0);
	uint32_t sent = 0, frame = MX_NOFRAME;

	while (sent < n || sides[0]->at_home() < PAIR_POOL) {
		bool sends = sent < n && frame != MX_NOFRAME && x->credit[0];

		if (sends) {
			put(x, frame, sent++);
			frame = MX_NOFRAME;
		}
		x->want = sent < n && frame == MX_NOFRAME;
		x->thirst = 1;
		exchange(0);
		if (x->got_n)
			frame = x->got[0];
		else if (!sends && sides[0]->at_home() < PAIR_POOL)
			idle(0);
	}
}

static void receive_frames(uint32_t n)
{
	struct mx_exchange *x = block(1);

	for (uint32_t got = 0; got < n || x->free_n;) {
		x->in_max = MX_CHAIN_MAX;
		exchange(1);
		for (uint32_t i = 0; i < x->in_n; i++, got++) {
			model_check(x->in[i].body[0] == got);
			model_check(*frames[x->in[i].frame] == got);
			model_check(sides[1]->owner(x->in[i].frame) == 1);
			model_check(!sides[0]->owner(x->in[i].frame));
			x->free[x->free_n++] = x->in[i].frame;
		}
		if (!x->in_n && got < n)
			idle(1);
	}
	if (sides[1]->sleep())
		sides[1]->woken();
}

static void run(uint32_t t)
{
	if (t == 0)
		send_frames(model_now->variant);
	else
		receive_frames(model_now->variant);
}

static void end(void)
{
	struct slot *from = &sides[0]->domain->slots[0], *to = &sides[1]->domain->slots[0];

	sides[0]->drain();
	model_check(sides[0]->at_home() == PAIR_POOL);
	model_check(!sides[0]->domain->held && !sides[1]->domain->held);
	for (uint32_t i = 0; i < PAIR_POOL; i++)
		model_check(!sides[0]->owner(i) && !sides[1]->owner(i));
	model_check(from->credit == to->lent && to->lent + to->owed == PAIR_DEPTH);
	model_check(sides[1]->domain->granted == to->lent);
}

#define SCENARIO(title, n)                                                                         \
	{                                                                                          \
		.name = "exchange: " title, .threads = 2, .variant = n, .start = start,            \
		.run = run, .end = end                                                             \
	}
const struct scenario exchange_scenarios[] = {
        SCENARIO("1 frame there and home", 1),
        {0},
};

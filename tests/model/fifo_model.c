/*
 * The FIFOs between executives and their sleep (executive/fifo.c), for two and three cores.
 *
 * Every entry comes once, whole and in order; no core sleeps while something lies in a FIFO to it;
 * for each time it goes to sleep it is rung at most once. Compiled with FIFO_SLOTS 2, so that FIFOs
 * are full and their slots are used again. The ring itself is an interrupt: it conveys nothing.
 */
#include "tests/model/cell.h"
#include "tests/model/model.h"

static uint32_t rung[MODEL_THREADS], sleeps[MODEL_THREADS]; /* by, of a core */
static uint32_t pushed[MODEL_THREADS];

static void start(void)
{
	void *area;

	cells_reset();
	area = model_shared(cells[0]->area(model_now->threads));
	for (uint32_t i = 0; i < model_now->threads; i++)
		cells[i]->start(i, model_now->threads, area);
	for (uint32_t i = 0; i < MODEL_THREADS; i++)
		rung[i] = sleeps[i] = pushed[i] = 0;
}

void cell_rings(uint32_t core)
{
	rung[core]++;
	model_wake(core, false);
}

static bool push(uint32_t t, uint32_t to, uint32_t number, uint32_t kind, uint32_t most)
{
	struct remote r = {.kind = (uint8_t)kind, .slot = (uint8_t)t, .key = number};

	for (uint32_t i = 0; i < HOME_MAX; i++)
		r.frames[i] = ~number;
	return cells[t]->push(to, &r, most);
}

static void whole(const struct remote *r, uint32_t number)
{
	model_check(r->key == number);
	for (uint32_t i = 0; i < HOME_MAX; i++)
		model_check(r->frames[i] == ~number);
}

/* As core_run. */
static void idle(uint32_t t)
{
	cells[t]->publish();
	sleeps[t]++;
	if (!cells[t]->sleep())
		return;
	model_wait();
	cells[t]->woken();
}

/* Core 0 receives n entries from each of the others. */
static void receive(uint32_t n)
{
	uint32_t got[MODEL_THREADS] = {0}, left = n * (model_now->threads - 1);
	struct remote r;

	while (left) {
		while (left && cells[0]->pull(&r)) {
			whole(&r, got[r.slot]++);
			left--;
		}
		if (left)
			idle(0);
	}
}

static void send_each(uint32_t t)
{
	if (t == 0) {
		receive(model_now->variant);
		return;
	}
	for (uint32_t i = 0; i < model_now->variant; i++) {
		model_check(push(t, 0, i, REMOTE_FRAME, MOST_FRAME));
		cells[t]->publish();
	}
}

/* All that has room, each published by itself; what has none is not sent. */
static void send_full(uint32_t t, uint32_t kind, uint32_t most)
{
	struct remote r;

	if (t == 0) {
		for (uint32_t i = 0, got = 0; i < model_now->variant; i++)
			if (cells[0]->pull(&r))
				whole(&r, got++);
		return;
	}
	for (uint32_t i = 0; i < model_now->variant; i++) {
		if (push(t, 0, pushed[t], kind, most))
			pushed[t]++;
		cells[t]->publish();
	}
}

static void send_frames(uint32_t t)
{
	send_full(t, REMOTE_FRAME, MOST_FRAME);
}

static void send_control(uint32_t t)
{
	send_full(t, REMOTE_NOTIFY, 1);
}

/* Core 0 and the last answer each other, and both sleep between; one in the middle does nothing. */
static void volley(uint32_t t)
{
	uint32_t other = t ? 0 : model_now->threads - 1;
	struct remote r;

	for (uint32_t i = 0; i < model_now->variant; i++) {
		if (t == 0)
			model_check(push(t, other, i, REMOTE_FRAME, MOST_FRAME));
		while (!cells[t]->pull(&r))
			idle(t);
		whole(&r, i);
		if (t != 0)
			model_check(push(t, other, i, REMOTE_FRAME, MOST_FRAME));
		cells[t]->publish();
	}
}

static void end(void)
{
	for (uint32_t i = 0; i < model_now->threads; i++)
		model_check(rung[i] <= sleeps[i]);
}

#define SCENARIO(title, cores, n, body, long_)                                                     \
	{                                                                                          \
		.name = "fifo: " title, .threads = cores, .variant = n, .start = start,            \
		.run = body, .end = end, .deep = long_                                             \
	}
const struct scenario fifo_scenarios[] = {
        SCENARIO("1 entry to a core that sleeps", 2, 1, send_each, false),
        SCENARIO("2 entries to a core that sleeps", 2, 2, send_each, false),
        SCENARIO("two cores send 1 entry to a third that sleeps", 3, 1, send_each, false),
        SCENARIO("frames while there is room", 2, 5, send_frames, false),
        SCENARIO("control entries, one at a time", 2, 4, send_control, false),
        SCENARIO("a volley of 1", 2, 1, volley, false),
        SCENARIO("frames while there is room, longer", 2, 8, send_frames, true),
        SCENARIO("a volley of 2", 2, 2, volley, true),
        {0},
};

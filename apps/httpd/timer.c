/*
 * Timers: see timer.h. Seconds are counted from 1, so that 0 can mean none.
 */
#include <moxie/domain.h>
#include "timer.h"

#define BUCKETS 64u /* a power of two above TIMER_SPAN + 2; one bit each in `full` */
#define NONE    0xffffu

static struct timer *(*timer_of)(uint32_t n);
static uint16_t bucket[BUCKETS];
static uint64_t full; /* buckets that hold a timer */
static uint32_t done; /* second up to which buckets have run */

static uint32_t second_of(uint64_t now)
{
	return (uint32_t)(now / MX_S) + 1;
}

void timer_init(uint32_t count, struct timer *(*of)(uint32_t n))
{
	timer_of = of;
	full = 0;
	done = second_of(mx_now());
	for (uint32_t i = 0; i < BUCKETS; i++)
		bucket[i] = NONE;
	for (uint32_t n = 0; n < count; n++)
		*of(n) = (struct timer){.prev = NONE, .next = NONE};
}

static void enter(uint32_t n, struct timer *t)
{
	uint32_t b;

	if (t->due <= done) /* its second has run: take the next */
		t->due = done + 1;
	b = t->due % BUCKETS;
	t->at = t->due;
	t->prev = NONE;
	t->next = bucket[b];
	if (t->next != NONE)
		timer_of(t->next)->prev = (uint16_t)n;
	bucket[b] = (uint16_t)n;
	full |= 1ull << b;
}

static void leave(struct timer *t)
{
	uint32_t b = t->at % BUCKETS;

	if (t->prev != NONE)
		timer_of(t->prev)->next = t->next;
	else
		bucket[b] = t->next;
	if (t->next != NONE)
		timer_of(t->next)->prev = t->prev;
	if (bucket[b] == NONE)
		full &= ~(1ull << b);
	t->at = 0;
}

void timer_set(uint32_t n, uint64_t now, uint32_t seconds)
{
	struct timer *t = timer_of(n);

	t->due = second_of(now) + seconds + 1; /* never early */
	if (t->at && t->at <= t->due)
		return;
	if (t->at)
		leave(t);
	enter(n, t);
}

void timer_clear(uint32_t n)
{
	timer_of(n)->due = 0;
}

static void run_bucket(uint32_t b, uint32_t second, void (*expire)(uint32_t n))
{
	uint32_t n = bucket[b], next;

	for (; n != NONE; n = next) {
		struct timer *t = timer_of(n);

		next = t->next;
		leave(t);
		if (t->due > second) {
			enter(n, t);
		} else if (t->due) {
			t->due = 0;
			expire(n);
		}
	}
}

void timer_run(uint64_t now, void (*expire)(uint32_t n))
{
	uint32_t second = second_of(now), behind = second - done;

	/* After a pause of a whole turn every bucket is looked at once; that is enough. */
	if (behind > BUCKETS)
		done = second - BUCKETS;
	while (done < second) {
		done++;
		run_bucket(done % BUCKETS, second, expire);
	}
}

uint64_t timer_next(void)
{
	uint32_t b = (done + 1) % BUCKETS;
	uint64_t turned = b ? full >> b | full << (BUCKETS - b) : full;

	return turned ? (uint64_t)(done + (uint32_t)__builtin_ctzll(turned)) * MX_S : MX_FOREVER;
}

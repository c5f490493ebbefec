/*
 * Timers: one per connection, on a wheel of seconds.
 *
 * Interface: timer_set moves a timer's deadline; timer_run calls expire for each that is due;
 * timer_next says when to run again (MX_FOREVER: no timer is set).
 * Rules: a deadline that moves away (the usual case: each request does it) only writes one word;
 * the timer stays in its bucket and is put on when that bucket comes. No deadline is further
 * away than TIMER_SPAN seconds.
 */
#ifndef HTTPD_TIMER_H
#define HTTPD_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#define TIMER_SPAN 60u

struct timer {
	uint32_t due;        /* second it expires at, 0: not set */
	uint32_t at;         /* second whose bucket it stands in, 0: none */
	uint16_t prev, next; /* in the bucket */
};

void timer_init(uint32_t count, struct timer *(*of)(uint32_t n));
void timer_set(uint32_t n, uint64_t now, uint32_t seconds);
void timer_clear(uint32_t n); /* expires no more, but may stay in its bucket */
void timer_run(uint64_t now, void (*expire)(uint32_t n));
uint64_t timer_next(void);

#endif

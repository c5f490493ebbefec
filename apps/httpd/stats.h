/* What the server counts; main.c names the counters for init. */
#ifndef HTTPD_STATS_H
#define HTTPD_STATS_H

#include <stdint.h>

struct stats {
	uint64_t connections; /* accepted since the start */
	uint64_t open;        /* now */
	uint64_t requests;
	uint64_t status[6]; /* answers by class; [0] is unused */
	uint64_t bytes;     /* handed to the stack */
	uint64_t timeouts;
	uint64_t malformed; /* requests whose syntax was refused */
	uint64_t flooded;   /* connections aborted for input they sent ahead of their answers */
	uint64_t evicted;   /* connections closed because there were too many */
	uint64_t crowded;   /* requests answered 503 for want of memory */
	uint64_t unknown;   /* messages that make no sense */
};
extern struct stats stats;

#endif

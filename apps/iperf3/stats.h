#ifndef IPERF3_STATS_H
#define IPERF3_STATS_H

#include <stdint.h>

extern struct stats {
	uint64_t tests;   /* finished, results exchanged */
	uint64_t aborted; /* ended before that: by the client, by silence, by nonsense */
	uint64_t denied;  /* connections turned away */
	uint64_t streams;
	uint64_t received; /* bytes of streams */
	uint64_t sent;
	uint64_t datagrams_in, datagrams_out;
	uint64_t strangers; /* datagrams of nobody we know */
	uint64_t unknown;   /* messages that make no sense */
} stats;

#endif

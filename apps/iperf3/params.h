#ifndef IPERF3_PARAMS_H
#define IPERF3_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

/* What a client asks for. */
struct params {
	bool udp;
	bool reverse, both; /* we send; we send and receive */
	bool wide;          /* UDP: counters of 64 bits */
	bool output;        /* it wants a text of ours */
	uint32_t parallel;  /* streams each way */
	uint32_t block;     /* bytes of one write, or of one datagram */
	uint32_t burst;     /* blocks each time that the rate allows for one; 0: one */
	uint64_t seconds;   /* 0: it ends by `most`, or by the client */
	uint64_t omit;      /* seconds at the start that do not count */
	uint64_t most;      /* bytes that all streams of one direction carry; 0: any */
	uint64_t rate;      /* bits a second of each stream; 0: any */
};

/* 0, or iperf3's number for what is wrong. */
uint32_t params_read(struct params *p, const char *text, uint32_t length);

#endif

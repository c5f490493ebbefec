#ifndef IPERF3_TEST_H
#define IPERF3_TEST_H

#include "link.h"
#include "params.h"

/* The test that is being served; one at a time. */
extern struct test {
	struct params params;
	uint64_t started, ended;  /* ns; 0: not yet */
	uint64_t counted;         /* ns: what counts began then */
	uint64_t sent;            /* bytes by all streams, since `counted` */
	uint64_t work, work_from; /* ns this domain has worked: at the end, at the beginning */
	bool running, omitting;
} test;

void test_accept(struct link *l, const uint32_t peer[4]);
void test_bound(uint32_t error); /* the UDP port is ours */
void test_step(void);            /* the control connection has what was asked for */
void test_lost(struct link *l);  /* the client ended this connection, or TCP did */
void test_check(void);           /* perhaps all streams are there */
void test_heard(void);           /* the client lives */
void test_begin(uint64_t now);   /* an event */
void test_turn(uint64_t work);   /* its end; ns that this domain has worked so far */
void test_reset(void);           /* the stack was replaced */
bool test_takes_streams(void);
bool test_takes_greetings(void);
bool test_is_client(const uint32_t address[4]);
bool test_cookie(const uint8_t *cookie); /* it is the client's */

#endif

/*
 * What the tests of init's plans share: init alone, on an executive of memory per core and nothing
 * else.
 *
 * Interface: make a machine, configure it, compose, plan_cores; `said` is what came on the console.
 */
#ifndef TESTS_UNIT_INIT_PLAN_H
#define TESTS_UNIT_INIT_PLAN_H

#include "init/init.h"
#include "iskra/iskra.h"

#define ALL (IN(ROLE_STACK) | IN(ROLE_HTTPD) | IN(ROLE_IPERF3))

extern struct mx_boot boot;
extern struct mx_machine hardware;
extern uint64_t forgotten; /* the child that init let go of */
extern uint32_t lost;      /* set of cores */
extern char said[1 << 16];
extern struct iskra *replica; /* NULL: the executive says nothing */

/* Cores of so many nodes, each beside its own. */
void know(uint32_t nodes, uint32_t each);
void know_path(enum mx_path_of of, uint32_t from, uint32_t to, uint32_t cost);
void know_device(uint32_t address, uint32_t node);
/* A machine of so many cores and ports, with so many frames and KiB on each core. */
void make(uint32_t cores, uint32_t ports, uint32_t frames, uint32_t kib);
void configure(const char *text);
void configure_all(uint32_t ports);
void plan_cores(void);
void check_plan(uint32_t frames); /* what must hold of every plan */

/* The other groups; the number of tests that failed. */
int init_cores_tests(void);
int init_pairs_tests(void);
int init_kept_tests(void);

#endif

/*
 * The two ends, and what near keeps: figures by name, one value a round, in hundredths of a ns.
 */
#ifndef CROSSING_ENDS_H
#define CROSSING_ENDS_H

#include "tests/crossing/volley.h"

_Noreturn void far_run(void);
_Noreturn void near_run(const struct crossing_args *args);

/* near.c: give an order and wait until far is ready; wait until it is done. */
void order_start(struct order *o);
void order_finish(struct order *o); /* o becomes the answer */
extern bool near_apart;             /* far lives on another core */
extern bool near_polls;             /* and the curves are those of ends that poll */

/* report.c. Every round adds the same figures in the same order. */
void report_round(uint32_t round);
void report_add(const char *name, uint32_t size, uint32_t batch, uint64_t ns, uint64_t times);
void report_bad(uint32_t payloads);
void report_print(void);

/* curve.c: all ways, sizes and batches. basics.c: trap, switch, notify, round trips. */
void curve_open(uint64_t frozen_at);
void curve_measure(uint64_t ns);
/* ns of one crossing by o, for about `ns` of time: total, and how many crossings that were. */
uint64_t curve_volleys(struct order *o, uint64_t ns, uint64_t *crossings);
void basics_measure(uint64_t ns);

#endif

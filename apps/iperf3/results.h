#ifndef IPERF3_RESULTS_H
#define IPERF3_RESULTS_H

#include <stdint.h>

/* Our side of the test as JSON, for the client; its length. The room is never exceeded. */
uint32_t results_write(char *text, uint32_t room);

#endif

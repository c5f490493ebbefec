/*
 * The wire: ports whose packets come from capture files and go to capture files.
 *
 * A driver domain sees a socketpair; a thread of the host holds the other ends. All inputs are fed
 * in the order of their times, one packet at a time: the next one when all that the last one caused
 * has been done, so the result depends on neither the speed nor the number of the cores. What comes
 * out bears the time of the packet that caused it; what comes before the first, a nanosecond less.
 * Rules: timers of the appliance run by the real clock, and are not waited for. When all inputs are
 * used up the machine is powered off; where there is no input it only writes, by the real clock.
 */
#ifndef LINUX_WIRE_H
#define LINUX_WIRE_H

#include <stdbool.h>

/* A port more, before the cores start; files: "IN:OUT", either may be absent. *fd is the driver's
   descriptor, not blocking. NULL, or why not: for the user. */
const char *wire_add(const char *files, int *fd);
/* The cores run. linger: say so at the end of the inputs, and go on. */
void wire_start(bool linger);

#endif

#ifndef STACK_COUNTERS_H
#define STACK_COUNTERS_H

void counters_start(void);
void counters_refresh(void); /* reads lwIP's, before a report */

#endif

#ifndef STACK_CONFIG_H
#define STACK_CONFIG_H

void config_start(void);
void config_event(void); /* MX_PARENT is pending */
void config_turn(void);  /* once after each event: goes on with READY and counters */

#endif

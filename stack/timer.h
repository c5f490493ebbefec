#ifndef STACK_TIMER_H
#define STACK_TIMER_H

#include <stdint.h>
#include <stdbool.h>

void timer_read(void);     /* at the start of each event: its time */
void timer_run(void);      /* what is due; then asks to be woken for what comes next */
void timer_fragment(void); /* a fragment came in: its reassembly must time out */
void timer_link(void);     /* there is an Ethernet port: ARP, ND and MLD run */

#endif

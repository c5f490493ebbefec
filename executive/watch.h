/*
 * A core that hangs is found by those it keeps waiting, and stopped.
 *
 * Interface: watch_turn, in a turn when watch_at has come: shows that this core lives, and looks
 * after the others; watch_deadline, before a sleep; watch_nudged, at an NMI.
 * Rules: a core is looked at only while entries for it are under way from here, so an idle machine
 * stays idle but for one entry to the first domain's core every two seconds. Time alone condemns
 * nobody, since a busy host can keep a virtual core from running for long: whose beat stands still
 * for QUIET looks is nudged by an NMI, which breaks in wherever it is, and only who has answered
 * that, and so had the processor, and does not turn all the same is told by a second one to give
 * up: it panics, and says where. Who answers no NMI for longer is stopped from outside. A look
 * counts only when the one before was not long ago: else it is this core that did not run.
 */
#ifndef EXECUTIVE_WATCH_H
#define EXECUTIVE_WATCH_H

#include "executive/fifo.h"

extern uint64_t watch_at; /* ns */

void watch_start(void);
void watch_turn(uint64_t now);
uint64_t watch_deadline(uint64_t deadline); /* that, or the next look if that is before */
bool watch_nudged(bool in_domain,
                  uint64_t rip); /* false: nobody asked; it is a fault of the machine */

#endif

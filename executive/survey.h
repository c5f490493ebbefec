/*
 * Which frames are left: those of living pools that went down with a lost core come back.
 *
 * Interface: survey_init; survey_begin when this core has dealt with a loss, survey_complete when
 * all others have, too; survey_note for what comes from other cores between; survey_heard
 * (REMOTE_SURVEY), survey_again (once a turn while something waits).
 * Rules: from its begin to its end a core writes down every frame that it has or that comes to it.
 * Before its begin each core has put an entry into every FIFO, behind what it sent till then, so
 * a frame that is anywhere is written down by somebody: it lies still at the begin of one, or it
 * arrives at one after that one's begin and before the entry that ends its survey (Chandy and
 * Lamport, 1985). Then all tell each owner of a pool what they saw of it, and what nobody saw the
 * owner takes back. The entry of the lowest core says that the lost one's devices are stopped, so
 * nothing writes to such a frame. With another loss all begins anew.
 */
#ifndef EXECUTIVE_SURVEY_H
#define EXECUTIVE_SURVEY_H

#include "executive/fifo.h"

extern bool survey_runs;

void survey_init(void);
void survey_begin(void);
void survey_complete(void);
void survey_note(const struct remote *r);
void survey_heard(const struct remote *r);
bool survey_again(void); /* true: nothing waits any more */

#endif

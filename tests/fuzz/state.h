/*
 * The static data of what is fuzzed: saved once, put back before each input.
 *
 * The build renames the data sections of every object that is not of tests/ (tools/fuzz.mk), so the
 * linker gathers them between two symbols each.
 */
#ifndef FUZZ_STATE_H
#define FUZZ_STATE_H

void state_reset(void);

#endif

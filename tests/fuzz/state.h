/*
 * The static data of what is fuzzed: saved once, put back before each input.
 *
 * The build renames the data sections of every object that is not of tests/ (tools/fuzz.mk), so the
 * linker gathers them between two symbols each.
 */
#ifndef FUZZ_STATE_H
#define FUZZ_STATE_H

#include <stddef.h>
#include <stdint.h>

void state_reset(void);
/* A copy of the data that was initialised, kept variables (moxie/kept.h) among it; its size. */
size_t state_copy(uint8_t *to, size_t most, const uint8_t **from);

#endif

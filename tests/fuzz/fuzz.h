/*
 * What the fuzzers share: the entry that libFuzzer calls, and assertions that it takes for a crash.
 *
 * A fuzzer is one file NAME_fuzz.c with LLVMFuzzerTestOneInput. tests/fuzz/tests.mk says which
 * sources it is linked with; their static data is put back to its start by state_reset (state.h),
 * so that each input finds the same program and a found case can be replayed alone.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
size_t LLVMFuzzerMutate(uint8_t *data, size_t n, size_t most);

_Noreturn void fuzz_fail(const char *file, int line, const char *what);
#define fuzz_assert(x)                                                                             \
	do {                                                                                       \
		if (!(x))                                                                          \
			fuzz_fail(__FILE__, __LINE__, #x);                                         \
	} while (0)

#endif

/* Static data put back: see state.h. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include "tests/fuzz/state.h"

extern uint8_t __start_fuzz_data[] __attribute__((weak)), __stop_fuzz_data[] __attribute__((weak));
extern uint8_t __start_fuzz_bss[] __attribute__((weak)), __stop_fuzz_bss[] __attribute__((weak));

/* By string instructions: a call would be the sanitizer's, which minds the gaps between variables.
 */
static void copy(void *to, const void *from, size_t n)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

static void clear(void *to, size_t n)
{
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(0) : "memory");
}

void state_reset(void)
{
	static uint8_t *saved;
	size_t n = (size_t)(__stop_fuzz_data - __start_fuzz_data);

	if (!saved) {
		saved = malloc(n + 1);
		copy(saved, __start_fuzz_data, n);
		return;
	}
	copy(__start_fuzz_data, saved, n);
	clear(__start_fuzz_bss, (size_t)(__stop_fuzz_bss - __start_fuzz_bss));
}

size_t state_copy(uint8_t *to, size_t most, const uint8_t **from)
{
	size_t n = (size_t)(__stop_fuzz_data - __start_fuzz_data);

	if (n > most)
		n = most;
	copy(to, __start_fuzz_data, n);
	*from = __start_fuzz_data;
	return n;
}

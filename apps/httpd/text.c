/*
 * Text: numbers. snprintf would do, but it is slow and pulls in all of stdio.
 */
#include "text.h"

void text_dec(struct text *t, uint32_t value)
{
	char digits[10];
	uint32_t n = sizeof(digits);

	do {
		digits[--n] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	text_mem(t, digits + n, (uint32_t)sizeof(digits) - n);
}

void text_hex(struct text *t, uint64_t value, uint32_t digits)
{
	while (digits-- > 0)
		text_mem(t, &"0123456789abcdef"[value >> (digits * 4) & 15], 1);
}

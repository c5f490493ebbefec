/*
 * Text: appending to a buffer of fixed size.
 *
 * Interface: text_mem, text_str, text_dec, text_hex append; what does not fit is cut and sets
 * `cut`. Callers size their buffers so that it never happens, and assert it.
 */
#ifndef HTTPD_TEXT_H
#define HTTPD_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct text {
	char *at; /* the next byte goes here */
	char *end;
	bool cut;
};

static inline void text_mem(struct text *t, const void *data, uint32_t length)
{
	uint32_t room = (uint32_t)(t->end - t->at);

	if (length > room) {
		t->cut = true;
		length = room;
	}
	memcpy(t->at, data, length);
	t->at += length;
}

static inline void text_str(struct text *t, const char *s)
{
	text_mem(t, s, (uint32_t)strlen(s));
}

void text_dec(struct text *t, uint32_t value);
void text_hex(struct text *t, uint64_t value, uint32_t digits);

#endif

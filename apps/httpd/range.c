/*
 * Ranges of bytes: one range per request. A server may ignore a Range field (RFC 9110 14.2), and
 * does so for a list of ranges: multipart/byteranges is hardly used, and is a way to ask for
 * much with little.
 */
#include <stdbool.h>
#include <stddef.h>
#include <strings.h>
#include "range.h"

/* A number that saturates: no file is that long. NULL when there is no digit. */
static const char *number(const char *s, uint32_t *value)
{
	uint64_t v = 0;

	if (*s < '0' || *s > '9')
		return NULL;
	for (; *s >= '0' && *s <= '9'; s++) {
		v = v * 10 + (uint64_t)(*s - '0');
		if (v > UINT32_MAX)
			v = UINT32_MAX;
	}
	*value = (uint32_t)v;
	return s;
}

static const char *blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

static enum range suffix(const char *s, uint32_t size, uint32_t *from, uint32_t *to)
{
	uint32_t last;

	s = number(s, &last);
	if (!s || *blanks(s))
		return RANGE_NONE;
	if (last == 0 || size == 0)
		return RANGE_BEYOND;
	*from = last < size ? size - last : 0;
	*to = size;
	return RANGE_PART;
}

enum range range_parse(const char *field, uint32_t size, uint32_t *from, uint32_t *to)
{
	uint32_t first, last = UINT32_MAX;
	const char *s;

	if (strncasecmp(field, "bytes=", 6) != 0)
		return RANGE_NONE;
	s = blanks(field + 6);
	if (*s == '-')
		return suffix(s + 1, size, from, to);
	s = number(s, &first);
	if (!s || *s != '-')
		return RANGE_NONE;
	s++;
	if (*s >= '0' && *s <= '9')
		s = number(s, &last);
	if (*blanks(s) || last < first)
		return RANGE_NONE;
	if (first >= size)
		return RANGE_BEYOND;
	*from = first;
	*to = last < size ? last + 1 : size;
	return RANGE_PART;
}

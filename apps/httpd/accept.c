/*
 * Content negotiation: weights in thousandths. gzip is taken when its own weight, else that of
 * "*", is not zero and not below the weight given to identity by name.
 */
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include "accept.h"

/* The weight of an element: "q" of its parameters; 1000 when absent, 0 when malformed. */
static int weight(const char *s, const char *end)
{
	int value, unit = 100;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	if (s == end)
		return 1000;
	if (*s++ != ';')
		return 0;
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	if (end - s < 3 || (s[0] | 32) != 'q' || s[1] != '=' || (s[2] != '0' && s[2] != '1'))
		return 0;
	value = (s[2] - '0') * 1000;
	s += 3;
	if (s < end && *s == '.')
		for (s++; s < end && *s >= '0' && *s <= '9'; s++, unit /= 10)
			value += (*s - '0') * unit;
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	return s == end && value <= 1000 ? value : 0;
}

static bool named(const char *s, size_t n, const char *name)
{
	return n == strlen(name) && strncasecmp(s, name, n) == 0;
}

bool accept_gzip(const char *field)
{
	int gzip = -1, any = -1, identity = -1;

	while (*field) {
		const char *end = field + strcspn(field, ",");
		size_t n;

		while (*field == ' ' || *field == '\t')
			field++;
		n = strcspn(field, "; \t,");
		if (named(field, n, "gzip") || named(field, n, "x-gzip"))
			gzip = weight(field + n, end);
		else if (named(field, n, "identity"))
			identity = weight(field + n, end);
		else if (named(field, n, "*"))
			any = weight(field + n, end);
		field = *end ? end + 1 : end;
	}
	if (gzip < 0)
		gzip = any;
	return gzip > 0 && gzip >= identity;
}

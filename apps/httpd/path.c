/*
 * Paths: see path.h. Decoding comes first, so an encoded dot or slash counts like a plain one and
 * no second decoding can bring up another path.
 */
#include <string.h>
#include <strings.h>
#include "path.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decode in place; -1 for a bad escape or an encoded NUL, which no name can hold. */
static int decode(char *s)
{
	char *out = s, *start = s;

	for (; *s; s++) {
		char c = *s;

		if (c == '%') {
			int high = hex(s[1]), low = high < 0 ? -1 : hex(s[2]);

			if (low < 0 || (high | low) == 0)
				return -1;
			c = (char)(high << 4 | low);
			s += 2;
		}
		*out++ = c;
	}
	*out = 0;
	return (int)(out - start);
}

/* The path of an absolute-form target: what follows the authority. */
static const char *skip_authority(const char *s)
{
	if (strncasecmp(s, "http://", 7) != 0 && strncasecmp(s, "https://", 8) != 0)
		return NULL;
	s = strchr(s, ':') + 3;
	while (*s && *s != '/')
		s++;
	return s;
}

/* Copy the segments of path, which may overlap out from behind, without "", "." and "..". */
static int join_segments(char *out, const char *path)
{
	char *start = out;

	while (*path) {
		size_t n = strcspn(path, "/");
		const char *next = path + n + (path[n] == '/');

		if (n == 2 && path[0] == '.' && path[1] == '.') {
			if (out > start)
				out--; /* the slash that ends the segment before */
			while (out > start && out[-1] != '/')
				out--;
		} else if (n > 0 && !(n == 1 && path[0] == '.')) {
			memmove(out, path, (size_t)(next - path));
			out += next - path;
		}
		path = next;
	}
	*out = 0;
	return (int)(out - start);
}

int path_clean(char *target)
{
	const char *path = target;

	if (*path != '/')
		path = skip_authority(path);
	if (!path || decode(target + (path - target)) < 0)
		return -1;
	return join_segments(target, path);
}

void path_encode(struct text *t, const char *path, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)path[i];

		/* unreserved, and what may stand bare in a segment (RFC 3986 3.3) */
		if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
		    (c && strchr("-._~/!$&'()*+,;=:@", c))) {
			text_mem(t, &path[i], 1);
		} else {
			text_str(t, "%");
			text_hex(t, c, 2);
		}
	}
}

/*
 * Paths: from a request target (RFC 9112 3.2) to the name of a file in the site.
 */
#ifndef HTTPD_PATH_H
#define HTTPD_PATH_H

#include <stdint.h>
#include "text.h"

/*
 * Turn a target without query, NUL-terminated, into a path in place: absolute form reduced to its
 * path, percent-decoded, empty and dot segments removed, without the leading slash. "a/b" is a
 * file, "a/" and "" are folders. Returns its length, or -1 when the target is malformed.
 * ".." never leads above the root (RFC 3986 5.2.4): the root is where it stops.
 */
int path_clean(char *target);
/* Append path percent-encoded, as it may stand in a Location field. At most 3 bytes per byte. */
void path_encode(struct text *t, const char *path, uint32_t length);

#endif

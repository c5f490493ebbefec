/*
 * Ranges of bytes (RFC 9110 14.1.2).
 */
#ifndef HTTPD_RANGE_H
#define HTTPD_RANGE_H

#include <stdint.h>

enum range {
	RANGE_NONE,   /* not understood, or more than one range: the whole file is the answer */
	RANGE_PART,   /* [*from, *to) */
	RANGE_BEYOND, /* 416 */
};

enum range range_parse(const char *field, uint32_t size, uint32_t *from, uint32_t *to);

#endif

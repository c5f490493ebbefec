/*
 * What of init's surroundings its unit tests make up alike: the time, when it wakes, what it says.
 * For the one source file that holds a test; the names are its own.
 */
#ifndef UNIT_INIT_HOST_H
#define UNIT_INIT_HOST_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "init/init.h"

static uint64_t now, wake; /* ns */
static char said[2048];    /* all lines, without ends */

uint64_t mx_now(void)
{
	return now;
}

void mx_wake_at(uint64_t ns)
{
	if (ns < wake)
		wake = ns;
}

void output_line(const char *format, ...)
{
	size_t n = strlen(said);
	va_list args;

	va_start(args, format);
	vsnprintf(said + n, sizeof said - n, format, args);
	va_end(args);
}

#endif

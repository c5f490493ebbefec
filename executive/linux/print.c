/* Words on the serial line, which is the standard output. A line is written at once. */
#include <stdarg.h>
#include <stdio.h>
#include "executive/arch.h"
#include "executive/linux/core.h"
#include "executive/trace.h"

#define LINE 512

static void say(const char *format, va_list list)
{
	char text[LINE];
	int n = vsnprintf(text, sizeof text, format, list);

	if (n > 0)
		host_write(text, (uint32_t)(n < LINE ? n : LINE - 1));
}

void print(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	say(format, list);
	va_end(list);
}

_Noreturn void panic(const char *format, ...)
{
	va_list list;

	print("panic core %u: ", self);
	va_start(list, format);
	say(format, list);
	va_end(list);
	print("\n");
	trace_print(24);
	host_panic();
}

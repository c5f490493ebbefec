/*
 * What the boot phase's parsers ask of the rest of the executive (platform_host.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "executive/arch.h"
#include "executive/fifo.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/config.h"
#include "tests/unit/platform_host.h"

struct machine machine;
uint32_t self;
uint8_t *host_memory;
char host_said[4096];
uint32_t host_config[0x10000][64];
static jmp_buf ended;

void host_reset(void)
{
	free(host_memory);
	host_memory = calloc(1, HOST_MEMORY); /* outside it the address sanitizer speaks */
	memset(&machine, 0, sizeof(machine));
	machine.cores = 1;
	host_said[0] = 0;
}

bool host_panics(void (*f)(void))
{
	if (setjmp(ended))
		return true;
	f();
	return false;
}

static void say(const char *format, va_list a)
{
	size_t n = strlen(host_said);

	vsnprintf(host_said + n, sizeof(host_said) - n, format, a);
}

void print(const char *format, ...)
{
	va_list a;

	va_start(a, format);
	say(format, a);
	va_end(a);
}

_Noreturn void panic(const char *format, ...)
{
	va_list a;

	va_start(a, format);
	say(format, a);
	va_end(a);
	longjmp(ended, 1);
}

void *direct(uint64_t phys)
{
	return host_memory + phys;
}

uint32_t config_read(uint16_t address, uint32_t at)
{
	return at / 4 < 64 ? host_config[address][at / 4] : UINT32_MAX;
}

uint32_t apic_id(void)
{
	return 7;
}

uint64_t fifo_area_bytes(uint32_t cores)
{
	return cores * cores * 0x10000ull;
}

/*
 * Words on the serial line and on the screen: print formats (see arch.h for what), panic ends the
 * core.
 *
 * A line is put together first and written under the hardware lock, so that cores do not mix.
 */
#include <stdarg.h>
#include <string.h>
#include "executive/arch.h"
#include "executive/lost.h"
#include "executive/trace.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/screen.h"
#include "executive/x86_64/uart.h"

struct line {
	uint32_t n;
	char text[256];
};

static void flush(struct line *l)
{
	hardware_lock();
	uart_write(l->text, l->n);
	screen_write(l->text, l->n);
	hardware_unlock();
	l->n = 0;
}

static void put(struct line *l, char c)
{
	if (l->n == sizeof(l->text))
		flush(l);
	l->text[l->n++] = c;
}

static void put_field(struct line *l, const char *text, uint32_t n, uint32_t width, char fill)
{
	for (uint32_t i = n; i < width; i++)
		put(l, fill);
	for (uint32_t i = 0; i < n; i++)
		put(l, text[i]);
}

struct spec {
	uint32_t width;
	char fill;
	bool alternate; /* 0x before hexadecimal */
	bool wide;      /* 64 bits */
};

static void put_number(struct line *l, uint64_t v, uint32_t base, bool negative,
                       const struct spec *s)
{
	char digits[24];
	char *p = digits + sizeof(digits);
	uint32_t width = s->width;

	do
		*--p = "0123456789abcdef"[v % base];
	while (v /= base);
	if (negative)
		*--p = '-';
	if (s->alternate) {
		put(l, '0');
		put(l, 'x');
		width = width > 2 ? width - 2 : 0;
	}
	put_field(l, p, (uint32_t)(digits + sizeof(digits) - p), width, s->fill);
}

static const char *parse(const char *f, struct spec *s)
{
	*s = (struct spec){0, ' ', false, false};
	for (; *f == '#' || *f == '0'; f++)
		if (*f == '#')
			s->alternate = true;
		else
			s->fill = '0';
	for (; *f >= '0' && *f <= '9'; f++)
		s->width = s->width * 10 + (uint32_t)(*f - '0');
	for (; *f == 'l'; f++)
		s->wide = true;
	return f;
}

static void put_signed(struct line *l, int64_t v, const struct spec *s)
{
	put_number(l, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, v < 0, s);
}

static void format_line(struct line *l, const char *f, va_list *a)
{
	struct spec s;
	const char *text;
	char c;

	for (; *f; f++) {
		if (*f != '%') {
			put(l, *f);
			continue;
		}
		f = parse(f + 1, &s);
		switch (*f) {
		case 's':
			text = va_arg(*a, const char *);
			put_field(l, text, (uint32_t)strlen(text), s.width, ' ');
			break;
		case 'c':
			c = (char)va_arg(*a, int);
			put(l, c);
			break;
		case 'd':
			put_signed(l, s.wide ? va_arg(*a, int64_t) : va_arg(*a, int), &s);
			break;
		case 'p':
			s.alternate = true;
			put_number(l, (uintptr_t)va_arg(*a, void *), 16, false, &s);
			break;
		case 'u':
		case 'x':
			put_number(l, s.wide ? va_arg(*a, uint64_t) : va_arg(*a, uint32_t),
			           *f == 'u' ? 10 : 16, false, &s);
			break;
		case 0:
			return;
		default:
			put(l, *f);
		}
	}
}

void print(const char *format, ...)
{
	struct line l;
	va_list a;

	l.n = 0;
	va_start(a, format);
	format_line(&l, format, &a);
	va_end(a);
	flush(&l);
}

static _Noreturn void halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

void panic_begin(void)
{
	static uint32_t times;

	__asm__ volatile("cli");
	if (++times > 2) /* once by an exception, and once more by the panic that it leads to */
		halt();
}

/* The others are told after one line, which nothing mixes with: on a slow one the rest takes long.
 */
_Noreturn void panic(const char *format, ...)
{
	struct line l;
	va_list a;

	panic_begin();
	l.n = 0;
	print("panic core %u: ", self);
	va_start(a, format);
	format_line(&l, format, &a);
	va_end(a);
	put(&l, '\n');
	flush(&l);
	lost_self();
	trace_print(24);
	halt();
}

/*
 * The serial port at 0x3f8 (16550), polled, for the boot phase and last words. In between it
 * belongs to the console domain, whose settings of its interrupts are left alone.
 */
#include "executive/x86_64/boot.h"
#include "executive/x86_64/cpu.h"
#include "executive/x86_64/uart.h"

#define UART  0x3f8
#define TRIES 100000u

enum { DATA = 0, IER = 1, FCR = 2, LCR = 3, MCR = 4, LSR = 5 };

void uart_init(void)
{
	out8(UART + IER, 0);
	out8(UART + LCR, 0x80); /* divisor latch: 115200 / 1 */
	out8(UART + DATA, 1);
	out8(UART + IER, 0);
	out8(UART + LCR, 0x03); /* 8N1 */
	out8(UART + FCR, 0x07); /* FIFOs on and empty */
	out8(UART + MCR, 0x0b); /* DTR, RTS, and OUT2, which lets the interrupt through */
}

static void put(char c)
{
	/* Without a port LSR reads 0xff, and the byte goes nowhere. */
	for (uint32_t i = 0; i < TRIES && !(in8(UART + LSR) & 0x20); i++)
		pause();
	out8(UART + DATA, (uint8_t)c);
}

void uart_write(const char *text, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (text[i] == '\n')
			put('\r');
		put(text[i]);
	}
}

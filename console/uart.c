/*
 * The registers of the 16550 (National Semiconductor PC16550D, section 8).
 *
 * Rules: 115200 baud, 8 bits, no parity. THRE says that the transmit FIFO is empty, so that 16
 * bytes may follow; it is never waited for here. The receive interrupt comes at the first byte:
 * typing is slow, and a lost time-out interrupt would strand the last bytes of a burst.
 */
#include "console/serial.h"

#define COM1 0x3f8
#define FIFO 16u

enum { DATA = 0, IER = 1, FCR = 2, LCR = 3, MCR = 4, LSR = 5, SCRATCH = 7 };
enum { LSR_DATA = 0x01, LSR_THRE = 0x20 };

static bool present;

static uint8_t get(uint16_t reg)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"((uint16_t)(COM1 + reg)));
	return value;
}

static void put(uint16_t reg, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"((uint16_t)(COM1 + reg)));
}

bool serial_open(void)
{
	/* An empty bus reads as ones and keeps nothing. */
	put(SCRATCH, 0x5a);
	present = get(SCRATCH) == 0x5a;
	if (!present)
		return false;
	put(IER, 0);
	put(LCR, 0x80); /* the divisor latch stands in place of DATA and IER */
	put(DATA, 1);   /* 115200 */
	put(IER, 0);
	put(LCR, 0x03); /* 8n1 */
	put(FCR, 0x07); /* FIFOs on and empty, receive trigger at one byte */
	put(MCR, 0x0b); /* DTR, RTS, and OUT2, which lets the interrupt out on a PC */
	put(IER, 0x01); /* received data */
	return true;
}

uint32_t serial_send(const char *text, uint32_t length)
{
	uint32_t n = length < FIFO ? length : FIFO;

	if (!present || !(get(LSR) & LSR_THRE))
		return 0;
	for (uint32_t i = 0; i < n; i++)
		put(DATA, (uint8_t)text[i]);
	return n;
}

bool serial_receive(char *c)
{
	if (!present || !(get(LSR) & LSR_DATA))
		return false;
	*c = (char)get(DATA);
	return true;
}

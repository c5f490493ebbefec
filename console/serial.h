/*
 * The serial line of the console: uart.c, a 16550 at COM1, polled for sending, by interrupt for
 * receiving; terminal.c, what the executive's process has for standard input and output.
 */
#ifndef CONSOLE_SERIAL_H
#define CONSOLE_SERIAL_H

#include <stdbool.h>
#include <stdint.h>

#define SERIAL_WAIT 1000000ull /* ns until one that took nothing is looked at again */

bool serial_open(void); /* false: there is none; the others then do nothing */
/* Bytes it took of the text: what it can without waiting. */
uint32_t serial_send(const char *text, uint32_t length);
bool serial_receive(char *c);

#endif

/*
 * The serial port, for print.c.
 */
#ifndef X86_64_UART_H
#define X86_64_UART_H

#include <stdint.h>

void uart_write(const char *text, uint32_t n); /* a newline becomes CR LF */

#endif

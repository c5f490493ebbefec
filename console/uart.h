/*
 * The serial port: a 16550 at COM1, polled for sending, by interrupt for receiving.
 */
#ifndef CONSOLE_UART_H
#define CONSOLE_UART_H

#include <stdbool.h>
#include <stdint.h>

#define UART_WAIT 1000000ull /* ns until a full transmit FIFO is looked at again */

bool uart_open(void);     /* false: there is no UART; the others then do nothing */
uint32_t uart_room(void); /* bytes it takes now */
void uart_send(char c);
bool uart_receive(char *c);

#endif

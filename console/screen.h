/*
 * The screen, where the machine has one: it shows what goes to the serial line.
 */
#ifndef CONSOLE_SCREEN_H
#define CONSOLE_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

bool screen_open(void); /* false: there is none; writing then does nothing */
void screen_write(const char *text, uint32_t length);

#endif

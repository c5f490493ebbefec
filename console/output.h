/*
 * Text on its way to the serial port: a bounded queue that never waits.
 */
#ifndef CONSOLE_OUTPUT_H
#define CONSOLE_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#define OUTPUT_SIZE 8192u

enum output_state { OUTPUT_EMPTY, OUTPUT_MORE, OUTPUT_BLOCKED };

/* Bytes certain to fit; a line feed takes two. */
uint32_t output_room(void);
/* '\n' becomes "\r\n". What does not fit is dropped: ask for room before. */
void output_text(const char *text, uint32_t length);
/* Hands a bounded piece to the serial port. */
enum output_state output_turn(void);
/* There is a screen and no serial port. */
void output_to_screen(void);
/* Without either: forget everything. */
void output_clear(void);

#endif

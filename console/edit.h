/*
 * The line being typed: echo, backspace, ^U, and its way to init.
 */
#ifndef CONSOLE_EDIT_H
#define CONSOLE_EDIT_H

#include <moxie/control.h>

#define EDIT_MAX 240u /* bytes of a typed line */

/* One byte from the serial port. Not while edit_ready(): the line must be fetched first. */
void edit_byte(char c);
bool edit_ready(void); /* a whole line waits to be fetched */
/* The next piece of the whole line, ended by '\n'; call edit_sent once it went. */
void edit_piece(struct mx_line *piece);
void edit_sent(const struct mx_line *piece);
/* Around lines of others: leave the half-typed line, and repeat it below. */
void edit_hide(void);
void edit_show(void);

#endif

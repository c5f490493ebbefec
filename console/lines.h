/*
 * Pieces of text from many domains, put together to whole lines.
 */
#ifndef CONSOLE_LINES_H
#define CONSOLE_LINES_H

#include <moxie/control.h>

#define LINES_WIDTH 640u /* bytes of a line; longer ones are cut, and marked */
/* Output that one piece can cause: a collected line, and a piece of nothing but line feeds. */
#define LINES_ROOM (LINES_WIDTH + 256u + 128u)

void lines_add(uint32_t slot, const struct mx_line *piece);
void lines_end(uint32_t slot); /* its domain has ended: the rest is a line */

#endif

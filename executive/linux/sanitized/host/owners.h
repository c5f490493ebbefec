/*
 * Who has which frame and who had it last, for the report of a touch by a domain that has not.
 * Sanitized builds only. A frame's record is written by the core that holds the frame.
 */
#ifndef LINUX_OWNERS_H
#define LINUX_OWNERS_H

#include <stdint.h>

void owners_note(uint32_t frame, const char *name); /* NULL: nobody, for now */

#endif

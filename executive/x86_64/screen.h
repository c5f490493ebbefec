/*
 * The screen, for print.c. Every core writes the executive's lines of it (moxie/screen.h) from
 * where the boot phase ended: last words of two cores may stand one upon the other.
 */
#ifndef X86_64_SCREEN_H
#define X86_64_SCREEN_H

#include <stdint.h>

void screen_write(const char *text, uint32_t n); /* without a screen nothing */

#endif

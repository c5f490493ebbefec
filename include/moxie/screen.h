/*
 * Text on a linear framebuffer: grey letters of 8 by 16 pixels on black.
 *
 * Rules: the framebuffer is only written, never read, for reading one is slow; so nothing scrolls:
 * the line after the last one is the first, and an empty one parts new lines from old. The first
 * MX_SCREEN_TOP lines of a screen are the executive's, the others the console's. Bytes that are no
 * ASCII make one '?' a character.
 */
#ifndef MOXIE_SCREEN_H
#define MOXIE_SCREEN_H

#include <stdbool.h>
#include <stdint.h>
#include <moxie/abi.h>

#define MX_SCREEN_TOP 8u /* lines of text */

struct mx_screen {
	volatile uint32_t *base;
	uint32_t stride;      /* pixels from one line to the next */
	uint32_t first, last; /* lines of text: the part used is [first, last) */
	uint32_t columns;
	uint32_t row, column; /* where the next letter goes */
	uint32_t colour;
};

/* Blank lines [first, last) of it; false when it is too small for any. */
bool mx_screen_open(struct mx_screen *s, void *base, const struct mx_screen_info *info,
                    uint32_t first, uint32_t last, uint32_t colour);
void mx_screen_put(struct mx_screen *s, char c);

#endif

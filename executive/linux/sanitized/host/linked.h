/*
 * What a sanitizer's runtime knows of the images that were linked: their globals, and for its
 * reports where which image stands. See link.h.
 */
#ifndef LINUX_LINKED_H
#define LINUX_LINKED_H

#include <stdint.h>

void linked_add(const uint8_t *image, const char *name);
/* What an image gets for this name in place of what the program has; NULL: nothing special. */
void *linked_instead(const char *name);

#endif

/*
 * Sanitized images: joined with the program when a domain comes, and parted when it has gone.
 *
 * On bare metal, and in the ordinary build, an image holds its own libc and relocates itself. A
 * sanitized one is a shared object (see SANITIZE in the Makefile) that uses the host's libc and
 * the program's one sanitizer runtime, at the same address in the same pages that the executive's
 * loader fills for any image.
 * Rules: any core may call at any time. The program ends, with a word, when a symbol is missing.
 */
#ifndef LINUX_LINK_H
#define LINUX_LINK_H

#include <stdint.h>

/* The image stands, mapped as it wants to be: its symbols are found, its constructors run. */
void host_link(uint8_t *image);
/* Nothing in [from, from + size) runs any more: the sanitizer forgets what it knew of it. */
void host_unlink(const uint8_t *from, uint64_t size);

#endif

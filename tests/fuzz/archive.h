/* A bundle for a domain under a fuzzer: in the form of cpio newc. Without data: one letter. */
#ifndef FUZZ_ARCHIVE_H
#define FUZZ_ARCHIVE_H

#include <stdint.h>

/* Adds a file behind the first *size bytes of `to`, which must have the room. */
void archive_add(char *to, uint64_t *size, const char *name, const void *data, uint32_t n);
void archive_end(char *to, uint64_t *size);

#endif

/*
 * ELF images of domains: static PIEs, which relocate themselves.
 *
 * elf_size: pages the image spans, 0 when it is not an image that elf_load takes: little-endian
 * x86-64 ET_DYN, load segments ascending, page aligned, none both writable and executable, all
 * inside the file. elf_load: copies it to `at` (physical, that many zeroed pages) and maps it into
 * s at AT_IMAGE.
 */
#ifndef EXECUTIVE_ELF_H
#define EXECUTIVE_ELF_H

#include <stdint.h>
#include "executive/space.h"

uint32_t elf_size(const uint8_t *image, uint64_t length);
uint64_t elf_load(struct space *s, const uint8_t *image, uint64_t at); /* the entry's address */

#endif

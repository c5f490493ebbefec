/*
 * ELF images of domains: static PIEs, which relocate themselves.
 *
 * elf_size: pages the image spans, 0 when it is not an image that is taken: little-endian
 * x86-64 ET_DYN, load segments ascending, page aligned, none both writable and executable, all
 * inside the file. elf_page: fills page i of the image, as it is to stand in memory, at `to`;
 * returns the access it wants, or -1 when it belongs to no segment. elf_entry: where it starts,
 * from its base.
 */
#ifndef EXECUTIVE_ELF_H
#define EXECUTIVE_ELF_H

#include <stdint.h>
#include "executive/space.h"

uint32_t elf_size(const uint8_t *image, uint64_t length);
int elf_page(const uint8_t *image, uint32_t i, uint8_t *to);
uint64_t elf_entry(const uint8_t *image);

#endif

#ifndef STACK_SIPHASH_H
#define STACK_SIPHASH_H

#include <stdint.h>

/* SipHash-2-4 of n words of 64 bits. */
uint64_t siphash(const uint64_t key[2], const uint64_t *words, uint32_t n);

#endif

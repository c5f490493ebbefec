#ifndef STACK_RANDOM_H
#define STACK_RANDOM_H

#include <stdint.h>

void random_start(void);
void random_key(uint64_t key[2]);

#endif

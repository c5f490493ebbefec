/*
 * Frames of the machine under a fuzzer: who holds each, and its bytes.
 *
 * Rules: what the domain does not hold and map is poisoned for the address sanitizer; a frame that
 * leaves the pool is full of a pattern, and frozen ones cannot be written. frames_reset makes all
 * of it new.
 */
#ifndef FUZZ_FRAMES_H
#define FUZZ_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

enum holder { HOME, HELD, MAPPED };

void frames_reset(void);
uint8_t *frames_bytes(uint32_t frame); /* frozen ones come behind the others */
void *frames_heap(void);               /* the domain's, MACHINE_HEAP zeroes */
void frames_hold(uint32_t frame, enum holder h);
enum holder frames_holder(uint32_t frame);
uint32_t frames_take(void);       /* one that is home, for its new holder to fill */
void frames_show(uint32_t frame); /* it can be read, whoever holds it, until it is held anew */
bool frames_frozen(uint32_t frame);
uint32_t frames_held(void); /* how many the domain has */
uint32_t frames_home(void); /* how many are at home */

#endif

/*
 * A small machine for tests of code that handles frames: pool, window, one owning channel.
 *
 * Frames 0 .. FRAMES - 1 are of the pool, FROZEN and beyond are frozen. A frame is out of the pool
 * from mx_alloc until mx_free; freeing it twice fails the test.
 */
#ifndef TESTS_FRAMES_H
#define TESTS_FRAMES_H

#include <moxie/domain.h>

#define FRAMES    640u
#define FROZEN    FRAMES
#define FRAME_BUS 0x100000000ull /* bus address of frame 0, */

extern struct mx_boot frames_boot;
extern uint64_t frames_bus;             /* unless a test sets another after frames_reset */
extern struct mx_msg frames_sent[1024]; /* what mx_send took */
extern uint32_t frames_sent_n;
extern uint32_t frames_credit;               /* what mx_credit says, any slot */
extern uint32_t frames_again, frames_thirst; /* calls */
extern uint64_t frames_wake;                 /* the earliest, 0: none */
extern uint64_t frames_now;

void frames_reset(void);
uint32_t frames_out(void); /* frames out of the pool */
bool frames_is_out(uint32_t frame);

#endif

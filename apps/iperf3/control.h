#ifndef IPERF3_CONTROL_H
#define IPERF3_CONTROL_H

#include "link.h"

/* Bytes said in one test: above all the results of 256 streams, and a line of text for each. */
#define CONTROL_OUT 131072u

void control_open(struct link *l);
void control_close(void);  /* once all that was said is handed over */
void control_abort(void);  /* at once */
void control_forget(void); /* the stack was replaced */
bool control_is(const struct link *l);

/* The next n bytes are collected, at most CONTROL_IN of them, or skipped; then test_step. */
#define CONTROL_IN 8192u
void control_expect(uint32_t n);
void control_skip(uint32_t n);
const uint8_t *control_bytes(void);
void control_data(const uint8_t *data, uint32_t length);

/* What is said waits for frames and room. */
void control_state(uint8_t state);
void control_number(uint32_t number);
/* Room for a text behind its length, and then that length; the room is the same every time. */
char *control_text(uint32_t *room);
void control_wrote(uint32_t length);
void control_pump(void);

#endif

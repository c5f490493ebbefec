/*
 * Output: handing the bytes of a connection to the stack.
 *
 * Interface: output_* return false when they must be called again later; the connection then
 * stands in the queue, or waits for MX_SK_SENT when its window is full.
 * Rules: small things are collected in one owned frame; content goes as pieces of frozen
 * frames, none across a page. Never more than MX_SK_WINDOW bytes are on their way.
 */
#ifndef HTTPD_OUTPUT_H
#define HTTPD_OUTPUT_H

#include "conn.h"
#include "text.h"

void output_init(void);
/* Room for `need` bytes (<= MX_PAGE) in the output frame, sending it first when it is too full. */
bool output_room(struct conn *c, uint32_t need, struct text *t);
void output_wrote(struct conn *c, const struct text *t);
bool output_send(struct conn *c);                              /* what was collected */
bool output_content(struct conn *c);                           /* bytes [from, to) of rep */
bool output_say(struct conn *c, uint8_t kind, uint32_t value); /* a bare message */

bool output_starved(void); /* no frame was to be had since the last call */

/* The queue of connections that wait for room in the channel, a frame, or their turn. */
void queue_add(struct conn *c);
struct conn *queue_take(void); /* only when it is not empty */
uint32_t queue_length(void);
void queue_clear(void);

uint32_t conn_number(const struct conn *c);
struct conn *conn_at(uint32_t n);

#endif

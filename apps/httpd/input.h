/*
 * Input: received bytes of a connection, on their way to the parser.
 *
 * Interface: input_hold keeps a received piece; input_next gives the piece to read now, input_read
 * says how many of its bytes were used; input_drop frees all.
 * Rules: at most HELD_MAX frames a connection and a share of the domain's quota for all. A client
 * that sends ahead in small pieces has them moved together; one that still exceeds
 * it is cut off, since its window was opened before we knew.
 */
#ifndef HTTPD_INPUT_H
#define HTTPD_INPUT_H

#include "conn.h"

void input_init(void);
bool input_hold(struct conn *c, const struct mx_msg *m); /* false: too much; the frame is freed */
bool input_crowded(void); /* all connections together hold more than their share */
const struct piece *input_next(const struct conn *c);
void input_read(struct conn *c, uint32_t bytes);
void input_drop(struct conn *c);

#endif

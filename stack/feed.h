#ifndef STACK_FEED_H
#define STACK_FEED_H

#include "connection.h"

/* Writes and sends what can be; false: there was no memory and nothing in flight will tell. */
bool feed(struct conn *c);

#endif

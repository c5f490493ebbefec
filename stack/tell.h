#ifndef STACK_TELL_H
#define STACK_TELL_H

#include "connection.h"

/* Tells what there is; true: all said; false: the application's channel is full. May free c. */
bool tell(struct conn *c);

#endif

#ifndef STACK_ROUTE_H
#define STACK_ROUTE_H

#include <moxie/control.h>

/* A static route of the configuration; false when the table is full. */
bool route_add(const struct mx_control *m);

#endif

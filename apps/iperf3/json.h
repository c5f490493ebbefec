#ifndef IPERF3_JSON_H
#define IPERF3_JSON_H

#include <stdbool.h>
#include <stdint.h>

/* Reads an object; its members are those of the next two functions until another is read. */
bool json_read(const char *text, uint32_t length);
/* true: there is such a member, and it is a number; a fraction is cut off. Below 0: 0. */
bool json_number(const char *name, uint64_t *value);
bool json_true(const char *name); /* there is one, and it is true */

#endif

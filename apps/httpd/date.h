/*
 * Dates of HTTP (RFC 9110 5.6.7).
 *
 * Interface: date_format writes the IMF-fixdate, always DATE_LENGTH characters and no NUL;
 * date_parse accepts all three formats a server must accept.
 */
#ifndef HTTPD_DATE_H
#define HTTPD_DATE_H

#include <stdbool.h>
#include <stdint.h>

#define DATE_LENGTH 29u /* "Sun, 06 Nov 1994 08:49:37 GMT" */

void date_format(uint32_t seconds, char *out);
bool date_parse(const char *text, uint32_t *seconds);

#endif

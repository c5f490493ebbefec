/* Content negotiation: does an Accept-Encoding field (RFC 9110 12.5.3) prefer gzip? */
#ifndef HTTPD_ACCEPT_H
#define HTTPD_ACCEPT_H

#include <stdbool.h>

bool accept_gzip(const char *field);

#endif

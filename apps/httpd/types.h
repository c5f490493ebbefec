/* Content types, by the extension of a file's name. */
#ifndef HTTPD_TYPES_H
#define HTTPD_TYPES_H

#include <stdint.h>

const char *type_of(const char *path, uint32_t length);

#endif

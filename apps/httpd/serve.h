/*
 * Serving: requests of a connection are read and answered, one after the other.
 */
#ifndef HTTPD_SERVE_H
#define HTTPD_SERVE_H

#include "conn.h"

bool serve_init(void);      /* false: no memory */
uint32_t serve_grow(void);  /* take what is left of the memory: requests that fit at one time */
void serve(struct conn *c); /* go on until nothing is left to do or something is missing */
/* The request being read ends here: status is its answer, and then the connection closes. */
void serve_refuse(struct conn *c, uint16_t status);
void serve_drop(struct conn *c); /* give back the memory of the request, if there is one */

#endif

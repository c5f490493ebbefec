/*
 * A spawn request comes from a parent and is checked field by field.
 *
 * Interface: request_ok (everything but memory), ring_pages, device_hidden, bar_fits.
 */
#ifndef EXECUTIVE_REQUEST_H
#define EXECUTIVE_REQUEST_H

#include "executive/domain.h"

int request_ok(const struct mx_spawn *q); /* MX_OK or why not */

uint32_t ring_pages(const struct mx_slot_spec *s); /* 0 unless it is a plain slot */
/* A page that no domain may reach: who can write the MSI-X table can write anywhere. */
bool device_hidden(const struct device *device, uint64_t page);
bool bar_fits(const struct range *bar);

#endif

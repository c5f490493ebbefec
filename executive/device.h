/*
 * The device of a domain: what it may reach, and what becomes of both when it reaches for more.
 *
 * Interface: device_furnish and device_boot while the domain is made, device_open, device_stop;
 * device_told and device_retry between cores. core_device (arch.h) is where it begins.
 */
#ifndef EXECUTIVE_DEVICE_H
#define EXECUTIVE_DEVICE_H

#include "executive/domain.h"

/* The bus address of d's DMA memory; its tables are clear until then. */
uint64_t device_furnish(struct domain *d);
void device_boot(struct domain *d); /* the bus addresses in its boot page */
/* Once started, the device reaches what is d's, too. False: its reach cannot be limited. */
bool device_open(struct domain *d);
void device_stop(const struct domain *d); /* it reaches nothing of d's any more; returns then */
void device_arrive(struct domain *d);     /* it came from another core */
/* d lives on this core now, or does no more: it stands in signs.devices, for device_lost. */
void device_came(const struct domain *d);
void device_went(const struct domain *d);
void device_goes(const struct domain *d, uint32_t core); /* to that one, which may be lost first */
void device_lost(void);                   /* stop those that a lost core has a part of */
void device_told(const struct remote *r); /* another core heard of a device that was stopped */
void device_retry(void);                  /* tell those cores whose FIFO was full */

#endif

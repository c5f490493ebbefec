/*
 * Ages: the open connections in the order of their last progress.
 *
 * Interface: age_renew enters a connection, or makes it the youngest; age_leave takes it out;
 * age_oldest is the one to close when there are too many, AGE_NONE when there is none.
 */
#ifndef HTTPD_AGE_H
#define HTTPD_AGE_H

#include <stdint.h>

#define AGE_NONE 0xffffu

struct age {
	uint16_t older, younger;
};

void age_init(uint32_t count, struct age *(*of)(uint32_t n));
void age_renew(uint32_t n);
void age_leave(uint32_t n); /* also when it is not in */
uint32_t age_oldest(void);

#endif

/*
 * What lwIP asks of the compiler and the platform: byte order, asserts, checksum, random numbers.
 */
#ifndef STACK_ARCH_CC_H
#define STACK_ARCH_CC_H

#include <endian.h>
#include <stdint.h>
#include <sys/types.h>

void mx_panic(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
uint32_t stack_random(void);                           /* random.c */
uint16_t stack_checksum(const void *data, int length); /* output.c */

#define LWIP_NO_UNISTD_H      1
#define LWIP_PLATFORM_DIAG(x) ((void)0)
/* A broken invariant inside lwIP ends the domain, in every build; init starts it again. */
#define LWIP_PLATFORM_ASSERT(x) mx_panic("lwip: %s", x)
#define LWIP_RAND()             stack_random()
#define LWIP_CHKSUM             stack_checksum

#endif

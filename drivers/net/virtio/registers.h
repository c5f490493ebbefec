/*
 * Access to device registers and to the words that the device shares, all in one place.
 *
 * Volatile: each call is exactly one access of its width (virtio 1.x 4.1.3.1). The device is
 * little-endian, as is every processor this runs on.
 */
#ifndef NET_REGISTERS_H
#define NET_REGISTERS_H

#include <stdint.h>

static inline uint8_t read8(const void *at)
{
	return *(const volatile uint8_t *)at;
}

static inline uint16_t read16(const void *at)
{
	return *(const volatile uint16_t *)at;
}

static inline uint32_t read32(const void *at)
{
	return *(const volatile uint32_t *)at;
}

static inline void write8(void *at, uint8_t value)
{
	*(volatile uint8_t *)at = value;
}

static inline void write16(void *at, uint16_t value)
{
	*(volatile uint16_t *)at = value;
}

static inline void write32(void *at, uint32_t value)
{
	*(volatile uint32_t *)at = value;
}

/*
 * Orders a store to a shared ring before a load from it: the processor may otherwise take the load
 * first, and both sides go to sleep. `mfence` by name: compilers prefer a locked instruction,
 * which costs an emulator more.
 */
static inline void full_fence(void)
{
#ifdef __x86_64__
	__builtin_ia32_mfence();
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

#endif

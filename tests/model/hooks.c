/*
 * What compiled code calls: the interface of the compilers' ThreadSanitizer, with our meaning.
 *
 * Rules: accesses outside of the shared memory are a thread's own and pass; so does everything
 * while no thread runs. memcpy and memset of the checked code come here under these names
 * (objcopy).
 */
#include <string.h>
#include "tests/model/engine.h"

#define PLAIN(size)                                                                                \
	void __tsan_read##size(const void *p);                                                     \
	void __tsan_write##size(const void *p);                                                    \
	void __tsan_unaligned_read##size(const void *p);                                           \
	void __tsan_unaligned_write##size(const void *p);                                          \
	void __tsan_read##size(const void *p)                                                      \
	{                                                                                          \
		race_read(p, size);                                                                \
	}                                                                                          \
	void __tsan_write##size(const void *p)                                                     \
	{                                                                                          \
		race_write(p, size);                                                               \
	}                                                                                          \
	void __tsan_unaligned_read##size(const void *p)                                            \
	{                                                                                          \
		race_read(p, size);                                                                \
	}                                                                                          \
	void __tsan_unaligned_write##size(const void *p)                                           \
	{                                                                                          \
		race_write(p, size);                                                               \
	}
PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

#define ATOMIC(bits)                                                                               \
	uint##bits##_t __tsan_atomic##bits##_load(const uint##bits##_t *p, int order);             \
	void __tsan_atomic##bits##_store(uint##bits##_t *p, uint##bits##_t v, int order);          \
	uint##bits##_t __tsan_atomic##bits##_exchange(uint##bits##_t *p, uint##bits##_t v,         \
	                                              int order);                                  \
	uint##bits##_t __tsan_atomic##bits##_load(const uint##bits##_t *p, int order)              \
	{                                                                                          \
		return (uint##bits##_t)memory_load(p, bits / 8, order);                            \
	}                                                                                          \
	void __tsan_atomic##bits##_store(uint##bits##_t *p, uint##bits##_t v, int order)           \
	{                                                                                          \
		memory_store(p, bits / 8, v, order);                                               \
	}                                                                                          \
	uint##bits##_t __tsan_atomic##bits##_exchange(uint##bits##_t *p, uint##bits##_t v,         \
	                                              int order)                                   \
	{                                                                                          \
		return (uint##bits##_t)memory_exchange(p, bits / 8, v, order);                     \
	}
ATOMIC(32)
ATOMIC(64)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order)
{
	memory_fence(order);
}

void __tsan_read_range(const void *p, size_t size);
void __tsan_read_range(const void *p, size_t size)
{
	race_read(p, size);
}

void __tsan_write_range(const void *p, size_t size);
void __tsan_write_range(const void *p, size_t size)
{
	race_write(p, size);
}

void *model_memcpy(void *to, const void *from, size_t size);
void *model_memcpy(void *to, const void *from, size_t size)
{
	if (size) {
		race_read(from, size);
		race_write(to, size);
	}
	return memcpy(to, from, size);
}

void *model_memset(void *to, int value, size_t size);
void *model_memset(void *to, int value, size_t size)
{
	if (size)
		race_write(to, size);
	memset(to, value, size);
	memory_cleared(to, size);
	return to;
}

void __tsan_init(void);
void __tsan_init(void)
{
}

void __tsan_func_entry(void *pc);
void __tsan_func_entry(void *pc)
{
	(void)pc;
}

void __tsan_func_exit(void);
void __tsan_func_exit(void)
{
}

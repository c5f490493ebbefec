/*
 * Unpredictable numbers: a key from the processor, and SipHash in counter mode.
 *
 * Interface: random_start once; stack_random for lwIP; random_key for whoever wants a key.
 * Rules: RDRAND where CPUID shows it (leaf 1, ecx bit 30). Timing jitter is always mixed in, so
 * that a processor without RDRAND, or with a broken one, still gives no constant.
 */
#include <cpuid.h>
#include <moxie/domain.h>
#include "arch/cc.h"
#include "random.h"
#include "siphash.h"

static uint64_t pool[2];
static uint64_t counter;

static uint64_t ticks(void)
{
	return __builtin_ia32_rdtsc();
}

static bool has_rdrand(void)
{
	unsigned a, b, c = 0, d;

	return __get_cpuid(1, &a, &b, &c, &d) && (c & 1u << 30);
}

/* 0 when the processor has none ready: Intel asks for ten tries (SDM vol. 1, 7.3.17.1). */
static uint64_t rdrand(void)
{
	for (int i = 0; i < 10; i++) {
		unsigned long long value;
		unsigned char ok;

		__asm__ volatile("rdrand %0; setc %1" : "=r"(value), "=qm"(ok) : : "cc");
		if (ok)
			return value;
	}
	return 0;
}

static void mix(uint64_t word)
{
	pool[0] = siphash(pool, &word, 1);
	word = ~word;
	pool[1] = siphash(pool, &word, 1);
}

/* The time that a division and a serialising instruction take varies in its low bits. */
static void mix_jitter(void)
{
	uint64_t last = ticks();

	for (int i = 0; i < 128; i++) {
		unsigned a, b, c, d;
		uint64_t now;

		__cpuid(0, a, b, c, d);
		now = ticks();
		mix((now - last) << 32 ^ now ^ a);
		last = now;
	}
}

void random_start(void)
{
	mix(mx_now());
	mix_jitter();
	if (has_rdrand())
		for (int i = 0; i < 4; i++)
			mix(rdrand());
}

static uint64_t draw(void)
{
	uint64_t words[2] = {counter++, ticks()};

	return siphash(pool, words, 2);
}

uint32_t stack_random(void)
{
	return (uint32_t)draw();
}

void random_key(uint64_t key[2])
{
	key[0] = draw();
	key[1] = draw();
}

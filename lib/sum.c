/*
 * The Internet checksum (RFC 1071): mx_sum, mx_sum_chain, mx_fold of moxie/packet.h.
 *
 * Loads are 64 bits wide and split into two sums of 32-bit words, which cannot overflow for
 * 2^32 words. The order of bytes within a word does not matter to a one's complement sum
 * (RFC 1071 2(B)), so the words are added as they are loaded and swapped once at the end.
 * No vector registers (nor an inlined copy that may use them): where they are emulated they make
 * this five times slower.
 */
#include <string.h>
#include <moxie/packet.h>

static uint32_t fold(uint64_t sum)
{
	sum = (sum >> 32) + (uint32_t)sum;
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint32_t)((sum >> 16) + (sum & 0xffff));
}

static inline uint64_t load(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

__attribute__((noinline, target("general-regs-only"))) static uint64_t add_words(const uint8_t *p,
                                                                                 uint32_t length)
{
	uint64_t low = 0, high = 0, last = 0;

	for (; length >= 32; length -= 32, p += 32) {
		uint64_t a = load(p), b = load(p + 8), c = load(p + 16), d = load(p + 24);

		low += (uint32_t)a;
		high += a >> 32;
		low += (uint32_t)b;
		high += b >> 32;
		low += (uint32_t)c;
		high += c >> 32;
		low += (uint32_t)d;
		high += d >> 32;
	}
	for (; length >= 8; length -= 8, p += 8) {
		uint64_t a = load(p);

		low += (uint32_t)a;
		high += a >> 32;
	}
	for (uint32_t i = 0; i < length; i++)
		last |= (uint64_t)p[i] << 8 * i;
	return low + high + (uint32_t)last + (last >> 32);
}

uint64_t mx_sum(const void *data, uint32_t length, uint64_t sum)
{
	return sum + __builtin_bswap16((uint16_t)fold(add_words(data, length)));
}

uint64_t mx_sum_chain(const struct mx_msg *chain, uint32_t n, uint32_t from, uint32_t to,
                      uint64_t sum)
{
	uint32_t start = 0, odd = 0;

	for (uint32_t i = 0; i < n && start < to; start += chain[i++].length) {
		uint32_t end = start + chain[i].length;
		uint32_t a = from > start ? from : start, b = to < end ? to : end;
		uint16_t part;

		if (a >= b)
			continue;
		part = (uint16_t)fold(mx_sum((const uint8_t *)mx_frame(chain[i].frame) +
		                                     chain[i].offset + (a - start),
		                             b - a, 0));
		/* A piece that starts inside a word counts with its bytes exchanged. */
		sum += odd ? __builtin_bswap16(part) : part;
		odd ^= (b - a) & 1;
	}
	return sum;
}

uint16_t mx_fold(uint64_t sum)
{
	return __builtin_bswap16((uint16_t)fold(sum));
}

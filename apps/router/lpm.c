/*
 * Longest-prefix match: see lpm.h.
 *
 * The allocator below serves arrays of nodes and of values from free lists by size; an array that
 * grows moves only when it enters the next size.
 */
#include <moxie/domain.h>
#include "lpm.h"

#define STRIDE 6u
#define CHUNK  16384u

/* For the next six bits v: the inner bits of all prefixes of 0..5 bits that cover v. */
#define BIT(l, v)  (1ull << ((1u << (l)) | ((v) >> (STRIDE - (l)))))
#define COVER(v)   (BIT(0, v) | BIT(1, v) | BIT(2, v) | BIT(3, v) | BIT(4, v) | BIT(5, v))
#define COVER4(v)  COVER(v), COVER((v) + 1u), COVER((v) + 2u), COVER((v) + 3u)
#define COVER16(v) COVER4(v), COVER4((v) + 4u), COVER4((v) + 8u), COVER4((v) + 12u)
static const uint64_t cover[64] = {COVER16(0u), COVER16(16u), COVER16(32u), COVER16(48u)};

static const uint16_t sizes[] = {8,   16,  24,  32,  48,  64,   96,   128,
                                 192, 256, 384, 512, 768, 1024, 1536, 2048};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))
static void *spare[SIZES];
static uint8_t *chunk;
static uint32_t chunk_left;
static uint64_t memory;

/* Without the popcnt instruction, which the oldest processors we run on lack. */
static uint32_t ones(uint64_t v)
{
	v -= v >> 1 & 0x5555555555555555;
	v = (v & 0x3333333333333333) + (v >> 2 & 0x3333333333333333);
	v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return (uint32_t)(v * 0x0101010101010101 >> 56);
}

static uint32_t before(uint64_t bits, uint32_t bit)
{
	return ones(bits & ((1ull << bit) - 1));
}

static uint32_t next_bits(struct ip key)
{
	return (uint32_t)(key.hi >> (64 - STRIDE));
}

static struct ip shift(struct ip key, uint32_t n)
{
	return (struct ip){key.hi << n | key.lo >> (64 - n), key.lo << n};
}

static uint32_t size_class(uint32_t bytes)
{
	uint32_t c = 0;

	while (sizes[c] < bytes)
		c++;
	return c;
}

static void *take(uint32_t c)
{
	void *block = spare[c];

	if (block) {
		memcpy(&spare[c], block, sizeof(void *));
		return block;
	}
	if (chunk_left < sizes[c]) {
		uint8_t *fresh = mx_heap(CHUNK);

		if (!fresh)
			return NULL;
		chunk = fresh;
		chunk_left = CHUNK;
		memory += CHUNK;
	}
	block = chunk;
	chunk += sizes[c];
	chunk_left -= sizes[c];
	return block;
}

static void give(void *block, uint32_t c)
{
	memcpy(block, &spare[c], sizeof(void *));
	spare[c] = block;
}

/* array of n items, each `item` bytes, gets a hole at `at`; NULL when there is no memory. */
static void *widen(void *array, uint32_t n, uint32_t at, uint32_t item)
{
	uint8_t *to = array, *from = array;

	if (n == 0)
		return take(size_class(item));
	if (size_class(n * item) != size_class((n + 1) * item)) {
		to = take(size_class((n + 1) * item));
		if (!to)
			return NULL;
		memcpy(to, from, at * item);
	}
	memmove(to + (at + 1) * item, from + at * item, (n - at) * item);
	if (to != from)
		give(from, size_class(n * item));
	return to;
}

static struct lpm_node *open_child(struct lpm_node *node, uint32_t v)
{
	uint32_t at = before(node->outer, v);

	if (!(node->outer >> v & 1)) {
		struct lpm_node *wider =
		        widen(node->child, ones(node->outer), at, sizeof(struct lpm_node));

		if (!wider)
			return NULL;
		wider[at] = (struct lpm_node){0};
		node->child = wider;
		node->outer |= 1ull << v;
	}
	return node->child + at;
}

static bool set_value(struct lpm_node *node, uint32_t bit, uint32_t value)
{
	uint32_t at = before(node->inner, bit);

	if (!(node->inner >> bit & 1)) {
		uint32_t *wider = widen(node->value, ones(node->inner), at, sizeof(uint32_t));

		if (!wider)
			return false;
		node->value = wider;
		node->inner |= 1ull << bit;
	}
	node->value[at] = value;
	return true;
}

/* Shorter than the roots' seven bits: written into every root it covers. */
static void set_top(struct lpm *t, struct ip key, uint32_t length, uint32_t value)
{
	uint32_t first = (uint32_t)(ip_net(key, length).hi >> (64 - LPM_ROOT_BITS));

	for (uint32_t i = first; i < first + (LPM_ROOTS >> length); i++) {
		if (t->top_value[i] && t->top_length[i] > length)
			continue;
		t->top_value[i] = value;
		t->top_length[i] = (uint8_t)length;
	}
}

bool lpm_insert(struct lpm *t, struct ip key, uint32_t length, uint32_t value)
{
	struct lpm_node *node = &t->root[key.hi >> (64 - LPM_ROOT_BITS)];
	uint32_t left;

	if (length < LPM_ROOT_BITS) {
		set_top(t, key, length, value);
		return true;
	}
	key = shift(key, LPM_ROOT_BITS);
	for (left = length - LPM_ROOT_BITS; left >= STRIDE; left -= STRIDE) {
		node = open_child(node, next_bits(key));
		if (!node)
			return false;
		key = shift(key, STRIDE);
	}
	return set_value(node, 1u << left | next_bits(key) >> (STRIDE - left), value);
}

uint32_t lpm_find(const struct lpm *t, struct ip key)
{
	const struct lpm_node *node = &t->root[key.hi >> (64 - LPM_ROOT_BITS)], *best = NULL;
	uint32_t top = t->top_value[key.hi >> (64 - LPM_ROOT_BITS)];
	uint64_t hits = 0;

	key = shift(key, LPM_ROOT_BITS);
	for (;;) {
		uint32_t v = next_bits(key);

		if (node->inner & cover[v]) {
			best = node;
			hits = node->inner & cover[v];
		}
		if (!(node->outer >> v & 1))
			break;
		node = node->child + before(node->outer, v);
		key = shift(key, STRIDE);
	}
	if (!best)
		return top;
	return best->value[before(best->inner, 63 - (uint32_t)__builtin_clzll(hits))];
}

uint64_t lpm_memory(void)
{
	return memory;
}

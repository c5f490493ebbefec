/*
 * Plain channels: typed, fixed rings between two domains.
 *
 * Interface: MX_CHANNEL(name, id, message, depth) declares struct name_end and
 *   name_open(end, slot)      read the slot from the boot page
 *   name_try_send(end, msg)   false when the ring is full; then `thirst` is announced and
 *                             the slot becomes pending once there is room
 *   name_recv(end, msg)       false when the ring is empty; copies the message out
 *   name_spec                 initializer of the struct mx_slot_spec that spawn wants
 * Sending a message of another type does not compile (tests/compile/).
 *
 * Who writes what: see struct mx_ring. A producer fills the slot, then stores tail with release;
 * the consumer acquires tail before it reads the slot. The consumer has read the slot before
 * it stores head with release; the producer acquires head before it fills the slot again.
 * Both words lie in memory the peer can write at any time, so each is read once, compared with
 * a private copy, and refused (`lies` counts) when it leaves the ring.
 *
 * Each end believes what it read of the other's word until that is used up: the producer its
 * credit, the consumer the messages known to be there. The consumer tells its credit when it has
 * taken a quarter of the ring, and whenever it finds the ring empty. So a producer that finds no
 * room has a consumer that has messages left, and that either takes on or will come back for them.
 *
 * Binding: a slot that is bound again has a new key in the boot page; an end that sees it starts
 * anew. One whose peer has ended sends nothing, but still receives what came before, until its ring
 * is cleared for the next peer: then the key is 0, and what comes is not for this end.
 *
 * Waking: nothing is notified per message. Sending marks the slot in mx_notify_mask, and the next
 * exchange notifies. The executive keeps a pending bit per slot until the domain collects
 * it, so a notification between the last look at a ring and the wait is never lost. The
 * thirst word is the one place where both ends write and then read: the producer sets it, fences,
 * and looks at head again; the consumer stores head, fences, and looks at thirst. It stays
 * set until the producer has found room.
 */
#ifndef MOXIE_CHANNEL_H
#define MOXIE_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <moxie/abi.h>

struct mx_end {
	const struct mx_slot_info *info;
	struct mx_ring *rx, *tx;
	uint32_t key; /* of the binding the counts below belong to */
	uint32_t depth, size;
	uint32_t sent, seen_head;  /* of the outgoing ring: filled, and the last credit believed */
	uint32_t taken, seen_tail; /* of the incoming ring: emptied, and known to be filled */
	uint32_t told;             /* the credit that the peer was told */
	uint32_t slot;
	uint32_t lies; /* indices of the peer that were refused */
	bool thirsty;  /* told the peer so, and had no room since */
};

/* Slots to notify at the next exchange; the loop hands it to mx_exchange.notify. */
extern uint64_t mx_notify_mask;

static inline uint32_t mx_stride(uint32_t size)
{
	return (size + 63u) & ~63u;
}

static inline void mx_end_open(struct mx_end *e, const struct mx_slot_info *info, uint32_t slot,
                               uint32_t size)
{
	*e = (struct mx_end){.info = info,
	                     .rx = info->rx,
	                     .tx = info->tx,
	                     .key = info->key,
	                     .depth = info->depth,
	                     .size = size,
	                     .slot = slot};
}

static __attribute__((noinline, unused)) void mx_end_changed(struct mx_end *e)
{
	if ((e->info->key & ~MX_KEY_ENDED) != e->key)
		mx_end_open(e, e->info, e->slot, e->size);
	else
		e->tx = NULL; /* what the peer sent before it ended can still be received */
}

/* False while the slot is not bound. The peer's ring is unmapped when it ends, so look first. */
static inline bool mx_end_bound(struct mx_end *e)
{
	if (__builtin_expect(e->info && e->info->key != e->key, 0))
		mx_end_changed(e);
	return e->tx != NULL;
}

/* Looks at the credit of a bound end. */
static inline uint32_t mx_end_look(struct mx_end *e)
{
	uint32_t head = __atomic_load_n(&e->rx->head, __ATOMIC_ACQUIRE);

	if (head - e->seen_head <= e->sent - e->seen_head)
		e->seen_head = head;
	else
		e->lies++;
	return e->depth - (e->sent - e->seen_head);
}

/* Slots of the outgoing ring that are free, by the newest credit that can be believed. */
static inline uint32_t mx_end_room(struct mx_end *e)
{
	return mx_end_bound(e) ? mx_end_look(e) : 0;
}

/* No room, by the credit believed so far: looks again, and asks to be woken if there is none. */
static inline bool mx_end_wants(struct mx_end *e)
{
	bool room = mx_end_look(e) > 0;

	if (!room && !e->thirsty) {
		__atomic_store_n(&e->tx->thirst, 1u, __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_SEQ_CST); /* pairs with the fence in mx_end_tell */
		e->thirsty = true;
		room = mx_end_look(e) > 0;
	}
	if (room && e->thirsty) {
		__atomic_store_n(&e->tx->thirst, 0u, __ATOMIC_RELAXED);
		e->thirsty = false;
	}
	return !room;
}

static inline size_t mx_slot_at(const struct mx_end *e, uint32_t n, uint32_t size)
{
	return (size_t)(n & (e->depth - 1)) * mx_stride(size);
}

/*
 * Copies a message into or out of a slot, word by word. The fields of a message have often just
 * been written: a wider load than the store before it would wait until all stores are done, those
 * to the peer's cache lines too (50 to 80 ns a round trip). Relaxed, since the peer may write
 * meanwhile.
 */
static inline __attribute__((always_inline)) void mx_slot_put(uint8_t *slot, const void *msg,
                                                              uint32_t size)
{
	uint32_t i = 0;

#pragma GCC unroll 16
	for (; i + 8 <= size; i += 8) {
		uint64_t word;

		memcpy(&word, (const uint8_t *)msg + i, 8);
		__atomic_store_n((uint64_t *)(void *)(slot + i), word, __ATOMIC_RELAXED);
	}
	memcpy(slot + i, (const uint8_t *)msg + i, size - i);
}

static inline __attribute__((always_inline)) void mx_slot_take(void *msg, const uint8_t *slot,
                                                               uint32_t size)
{
	uint32_t i = 0;

#pragma GCC unroll 16
	for (; i + 8 <= size; i += 8) {
		uint64_t word = __atomic_load_n((const uint64_t *)(const void *)(slot + i),
		                                __ATOMIC_RELAXED);

		memcpy((uint8_t *)msg + i, &word, 8);
	}
	memcpy((uint8_t *)msg + i, slot + i, size - i);
}

/* size is e->size, a constant where the caller knows it: then the copy is a few instructions. */
static inline __attribute__((always_inline)) bool mx_end_put(struct mx_end *e, const void *msg,
                                                             uint32_t size)
{
	if (!mx_end_bound(e))
		return false;
	if (__builtin_expect(e->sent - e->seen_head == e->depth, 0) && mx_end_wants(e))
		return false;
	mx_slot_put(e->tx->slots + mx_slot_at(e, e->sent, size), msg, size);
	e->sent++;
	__atomic_store_n(&e->tx->tail, e->sent, __ATOMIC_RELEASE);
	mx_notify_mask |= 1ull << e->slot;
	return true;
}

/* Tells the peer its credit, and wakes it if it waits for that. */
static inline void mx_end_tell(struct mx_end *e)
{
	__atomic_store_n(&e->tx->head, e->taken, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* pairs with the fence in mx_end_wants */
	e->told = e->taken;
	if (__atomic_load_n(&e->rx->thirst, __ATOMIC_RELAXED))
		mx_notify_mask |= 1ull << e->slot;
}

/*
 * Nothing was known to be there: looks again. False when the ring is empty. The slot is asked for
 * at the same time as tail, not after it, so that a message from another core takes one journey
 * instead of two.
 */
static inline bool mx_end_find(struct mx_end *e, uint32_t size, bool bound)
{
	uint32_t tail;

	__builtin_prefetch(e->rx->slots + mx_slot_at(e, e->taken, size));
	tail = __atomic_load_n(&e->rx->tail, __ATOMIC_ACQUIRE);
	if (tail - e->taken > e->depth) {
		e->lies++;
		return false;
	}
	e->seen_tail = tail;
	if (tail != e->taken)
		return true;
	if (bound && e->told != e->taken)
		mx_end_tell(e);
	return false;
}

/* size as in mx_end_put. What is known of an unbound ring does not hold: see mx_end_find. */
static inline __attribute__((always_inline)) bool mx_end_take(struct mx_end *e, void *msg,
                                                              uint32_t size)
{
	bool bound = mx_end_bound(e);

	if (!e->key)
		return false;
	if ((e->taken == e->seen_tail || !bound) && !mx_end_find(e, size, bound))
		return false;
	mx_slot_take(msg, e->rx->slots + mx_slot_at(e, e->taken, size), size);
	e->taken++;
	if (bound && e->taken - e->told >= e->depth / 4)
		mx_end_tell(e);
	return true;
}

/* For ends whose size is known only at run time. */
static inline bool mx_end_try_send(struct mx_end *e, const void *msg)
{
	return mx_end_put(e, msg, e->size);
}

static inline bool mx_end_recv(struct mx_end *e, void *msg)
{
	return mx_end_take(e, msg, e->size);
}

#define MX_CHANNEL(name, id, message, depth_)                                                      \
	_Static_assert(((depth_) & ((depth_)-1)) == 0, #name ": depth is a power of two");         \
	_Static_assert(sizeof(struct mx_ring) + (depth_) * ((sizeof(message) + 63) & ~63ul) <=     \
	                       MX_RING_BYTES,                                                      \
	               #name ": ring fits its address space");                                     \
	enum { name##_type = (id) << 16 | sizeof(message), name##_depth = (depth_) };              \
	static const struct mx_slot_spec name##_spec = {.kind = MX_SLOT_PLAIN,                     \
	                                                .depth = (depth_),                         \
	                                                .type = name##_type,                       \
	                                                .size = sizeof(message)};                  \
	struct name##_end {                                                                        \
		struct mx_end end;                                                                 \
	};                                                                                         \
	static inline bool name##_open(struct name##_end *e, const struct mx_boot *boot,           \
	                               uint32_t slot)                                              \
	{                                                                                          \
		const struct mx_slot_info *info = &boot->slots[slot];                              \
                                                                                                   \
		(void)name##_spec;                                                                 \
		mx_end_open(&e->end, info, slot, sizeof(message));                                 \
		return info->kind == MX_SLOT_PLAIN && info->type == name##_type &&                 \
		       info->depth == name##_depth;                                                \
	}                                                                                          \
	static inline bool name##_try_send(struct name##_end *e, const message *m)                 \
	{                                                                                          \
		return mx_end_put(&e->end, m, sizeof *m);                                          \
	}                                                                                          \
	static inline bool name##_recv(struct name##_end *e, message *m)                           \
	{                                                                                          \
		return mx_end_take(&e->end, m, sizeof *m);                                         \
	}                                                                                          \
	_Static_assert(1, "the macro wants a semicolon")

#endif

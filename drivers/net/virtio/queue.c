/*
 * The split virtqueue; see queue.h. Sections are those of virtio 1.x.
 *
 * The three parts lie behind each other, each on cache lines of its own: for 256 descriptors a
 * ring is then two pages, and every page that a batch touches costs time.
 */
#include <moxie/abi.h>
#include "queue.h"
#include "registers.h"

/*
 * The used ring begins so far behind a line, and its elements, 8 bytes each behind two words of 16
 * bits, on the next. None crosses a line so, nor a page: behind an IOMMU QEMU before 9.1 writes the
 * part on the second page to a wrong address.
 */
#define USED_SHIFT 60u

_Static_assert(MX_CHAIN_MAX + 1 <= MX_DRIVER_RING_MIN, "a chain and its header fit any ring");

static uint64_t align64(uint64_t n)
{
	return (n + 63) & ~63ull;
}

static uint64_t avail_bytes(uint32_t size)
{
	return align64(2ull * size + 6); /* flags, idx, ring, used_event: 2.7.6 */
}

static uint64_t used_bytes(uint32_t size)
{
	return align64(USED_SHIFT + 8ull * size + 6); /* flags, idx, ring, avail_event: 2.7.8 */
}

uint64_t queue_bytes(uint32_t size)
{
	return 16ull * size + avail_bytes(size) + used_bytes(size);
}

void queue_init(struct queue *q, uint32_t size, void *memory, uint64_t bus)
{
	uint8_t *at = memory;

	q->size = (uint16_t)size;
	q->free_n = (uint16_t)size;
	q->bus = bus;
	q->desc = (void *)at;
	q->avail = (void *)(at + 16ull * size);
	q->used = (void *)(at + 16ull * size + avail_bytes(size) + USED_SHIFT);
	for (uint32_t i = 0; i < size; i++)
		q->slots[i] = (struct queue_slot){MX_NOFRAME, (uint16_t)(i + 1), 0};
}

uint64_t queue_avail_bus(const struct queue *q)
{
	return q->bus + (uint64_t)((uint8_t *)q->avail - (uint8_t *)q->desc);
}

uint64_t queue_used_bus(const struct queue *q)
{
	return q->bus + (uint64_t)((uint8_t *)q->used - (uint8_t *)q->desc);
}

void queue_add(struct queue *q, const struct piece *pieces, uint32_t n, uint16_t flags)
{
	uint16_t head = q->free_head, at = head;

	for (uint32_t i = 0; i < n; i++) {
		struct vring_desc *d = &q->desc[at];
		struct queue_slot *s = &q->slots[at];

		d->addr = pieces[i].bus;
		d->len = pieces[i].length;
		d->flags = i + 1 < n ? flags | VRING_DESC_F_NEXT : flags;
		d->next = s->next;
		s->frame = pieces[i].frame;
		at = s->next;
	}
	q->slots[head].count = (uint16_t)n;
	q->free_head = at;
	q->free_n -= (uint16_t)n;
	q->avail->ring[q->avail_idx & (q->size - 1)] = head;
	q->avail_idx++;
	q->chains++;
}

void queue_kick(struct queue *q)
{
	uint16_t before = q->kicked;
	bool wanted;

	if (q->avail_idx == before)
		return;
	q->kicked = q->avail_idx;
	/* The descriptors must be seen before the index that covers them: 2.7.13.3. */
	__atomic_store_n(&q->avail->idx, q->avail_idx, __ATOMIC_RELEASE);
	/* The index must be seen before we ask whether the device sleeps: 2.7.13.4.1. */
	full_fence();
	if (q->event_idx) /* avail_event, 2.7.10 */
		wanted = vring_need_event(read16(&q->used->ring[q->size]), q->avail_idx, before);
	else
		wanted = !(read16(&q->used->flags) & VRING_USED_F_NO_NOTIFY);
	if (wanted) {
		q->kicks++;
		write16(q->notify, q->number);
	}
}

uint32_t queue_used(struct queue *q)
{
	/* Acquire: the entries are read after the index that covers them. */
	uint16_t idx = __atomic_load_n(&q->used->idx, __ATOMIC_ACQUIRE);
	uint16_t n = (uint16_t)(idx - q->used_idx);

	if (n <= q->chains)
		return n;
	q->bad++;
	return 0;
}

int queue_peek(struct queue *q, uint32_t *length)
{
	const vring_used_elem_t *e = &q->used->ring[q->used_idx & (q->size - 1)];
	uint32_t id = read32(&e->id);

	*length = read32(&e->len);
	if (id < q->size && q->slots[id].count != 0)
		return (int)id;
	q->bad++;
	q->used_idx++;
	return -1;
}

uint32_t queue_take(struct queue *q, int chain, uint32_t frames[MX_DRIVER_RING_MIN])
{
	uint16_t at = (uint16_t)chain, last = at, count = q->slots[at].count;
	uint32_t n = 0;

	q->slots[at].count = 0;
	for (uint16_t i = 0; i < count; i++) {
		struct queue_slot *s = &q->slots[at];

		if (s->frame != MX_NOFRAME)
			frames[n++] = s->frame;
		s->frame = MX_NOFRAME;
		last = at;
		at = s->next;
	}
	q->slots[last].next = q->free_head;
	q->free_head = (uint16_t)chain;
	q->free_n += count;
	q->chains--;
	q->used_idx++;
	return n;
}

uint32_t queue_replace(struct queue *q, int chain, uint32_t frame, uint64_t bus)
{
	struct queue_slot *s = &q->slots[chain];
	uint32_t old = s->frame;

	s->frame = frame;
	q->desc[chain].addr = bus;
	q->avail->ring[q->avail_idx & (q->size - 1)] = (uint16_t)chain;
	q->avail_idx++;
	q->used_idx++;
	return old;
}

bool queue_arm(struct queue *q, uint16_t ahead)
{
	if (q->event_idx) /* used_event, 2.7.7 */
		write16(&q->avail->ring[q->size], (uint16_t)(q->used_idx + ahead));
	else
		write16(&q->avail->flags, 0);
	/*
	 * The device writes its index, then reads our wish; we write the wish, then read the index.
	 * With a full fence on both sides at least one of us sees the other (2.7.7.1).
	 */
	full_fence();
	return queue_used(q) <= ahead;
}

/* With EVENT_IDX there is nothing to do: a used_event that lies behind asks for nothing. */
void queue_disarm(struct queue *q)
{
	if (!q->event_idx)
		write16(&q->avail->flags, VRING_AVAIL_F_NO_INTERRUPT);
}

/*
 * See virtio_side.h.
 */
#include <string.h>
#include "tests/unit/virtio_side.h"

#define SIDES   4u
#define NOTHING 0xbeef

static struct {
	_Alignas(64) uint8_t rings[MX_DRIVER_RING_BYTES(MX_DRIVER_RING)];
	uint16_t doorbell;
} memory[SIDES];
static uint32_t next;

void side_init(struct side *s, struct queue *q, uint32_t size, bool event_idx)
{
	uint32_t i = next++ % SIDES;

	memset(&memory[i], 0, sizeof(memory[i]));
	memory[i].doorbell = NOTHING;
	memset(q, 0, sizeof(*q));
	queue_init(q, size, memory[i].rings, 0x1000);
	q->notify = &memory[i].doorbell;
	q->event_idx = event_idx;
	*s = (struct side){.q = q};
}

int side_take(struct side *s)
{
	if (s->avail_idx == s->q->avail->idx)
		return -1;
	return s->q->avail->ring[s->avail_idx++ & (s->q->size - 1)];
}

void side_use(struct side *s, uint32_t id, uint32_t length)
{
	vring_used_elem_t *e = &s->q->used->ring[s->used_idx & (s->q->size - 1)];

	e->id = id;
	e->len = length;
	s->q->used->idx = ++s->used_idx;
}

bool side_interrupts(struct side *s)
{
	uint16_t was = s->signalled;

	s->signalled = s->used_idx;
	if (!s->q->event_idx)
		return was != s->used_idx && !(s->q->avail->flags & VRING_AVAIL_F_NO_INTERRUPT);
	return vring_need_event(s->q->avail->ring[s->q->size], s->used_idx, was);
}

void side_sleep(struct side *s)
{
	uint16_t event = s->avail_idx;

	memcpy(&s->q->used->ring[s->q->size], &event, sizeof(event));
}

bool side_was_kicked(struct side *s)
{
	uint16_t *doorbell = s->q->notify;
	bool kicked = *doorbell == s->q->number;

	*doorbell = NOTHING;
	return kicked;
}

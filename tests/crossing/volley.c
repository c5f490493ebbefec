/* Volleys: see volley.h. */
#include "tests/crossing/volley.h"

uint32_t volley_bad;
uint32_t volley_stock[FRAMES_MAX];
struct mx_end volley_small;
uint64_t turn_pending;

#define LOOKS 16384u /* some 100 us: longer than any turn of a peer that runs */

static struct mx_end medium, large;
static uint8_t *source, *arrived; /* VOLLEY_MAX payloads each */

void turn(uint32_t in_max, bool poll)
{
	struct mx_exchange *x = mx_boot->exchange;

	x->in_max = in_max;
	x->deadline = poll ? MX_NOW : MX_FOREVER;
	x->notify = mx_notify_mask;
	mx_notify_mask = 0;
	mx_assert(mx_trap(MX_TRAP_EXCHANGE, 0, 0, 0) >= 0);
	mx_assert(x->refused_n == 0); /* the depths hold a whole volley */
	x->out_n = 0;
	turn_pending |= x->pending;
}

void volley_open(void)
{
	mx_end_open(&volley_small, &mx_boot->slots[SLOT_SMALL], SLOT_SMALL,
	            sizeof(struct crossing_small));
	mx_end_open(&medium, &mx_boot->slots[SLOT_MEDIUM], SLOT_MEDIUM,
	            sizeof(struct crossing_medium));
	mx_end_open(&large, &mx_boot->slots[SLOT_LARGE], SLOT_LARGE, sizeof(struct crossing_large));
	source = mx_heap((uint64_t)VOLLEY_MAX * PAYLOAD_MAX);
	arrived = mx_heap((uint64_t)VOLLEY_MAX * PAYLOAD_MAX);
	mx_assert(source && arrived);
}

void volley_fill(uint64_t *to, uint32_t size, uint32_t payload, uint32_t offset, uint32_t maker)
{
	for (uint32_t i = 0; i < size / 8; i++)
		to[i] = (offset / 8 + i + maker) * 0x9e3779b97f4a7c15ull;
	if (offset == 0) {
		to[0] = payload;
		to[1] = ~(uint64_t)payload;
	}
}

void volley_prepare(const struct order *o, uint32_t maker)
{
	volley_bad = 0;
	if (!volley_copies(o))
		return;
	memset(arrived, 0, (uint64_t)o->batch * o->size);
	for (uint32_t j = 0; j < o->batch; j++)
		volley_fill((uint64_t *)(source + (uint64_t)j * o->size), o->size, j, 0, maker);
}

uint32_t volley_chain(const struct order *o)
{
	return (o->size + MX_PAGE - 1) / MX_PAGE;
}

/* Volatile keeps the compiler from vectors: 64-bit loads are the fastest here, see lib/sum.c. */
uint64_t volley_sum(const void *from, uint32_t size)
{
	const volatile uint64_t *p = from;
	uint64_t a = 0, b = 0;

	for (uint32_t i = 0; i < size / 8; i += 4) {
		a += p[i] + p[i + 1];
		b += p[i + 2] + p[i + 3];
	}
	return a + b;
}

static void judge(const struct order *o, uint32_t payload, uint64_t first, uint64_t sum)
{
	const struct expect *e = &o->expect;

	volley_bad += first != e->first + payload * e->first_step ||
	              (o->all && sum != e->sum + payload * e->sum_step);
}

__attribute__((noinline)) void volley_take(const struct order *o, uint32_t payload,
                                           const struct mx_msg *m)
{
	const uint8_t *at = (const uint8_t *)mx_frame(m->frame) + m->offset;
	uint64_t first = *(const volatile uint64_t *)at, sum = 0;

	if (o->all)
		for (;; m++) {
			at = (const uint8_t *)mx_frame(m->frame) + m->offset;
			sum += volley_sum(at, m->length);
			if (!(m->flags & MX_MORE))
				break;
		}
	judge(o, payload, first, sum);
}

struct mx_msg volley_piece(const struct order *o, uint32_t frame, uint32_t piece)
{
	uint32_t left = o->size - piece * MX_PAGE;
	bool more = left > MX_PAGE;

	return (struct mx_msg){.frame = frame,
	                       .length = (uint16_t)(more ? MX_PAGE : left),
	                       .slot = o->way == WAY_BLIND ? SLOT_BLIND : SLOT_OWN,
	                       .kind = 1,
	                       .flags = more ? MX_MORE : 0};
}

static void send_frames(const struct order *o)
{
	struct mx_exchange *x = mx_boot->exchange;
	uint32_t chain = volley_chain(o), at = 0;

	for (uint32_t j = 0; j < o->batch; j++) {
		if (x->out_n + chain > MX_BATCH)
			turn(0, true);
		for (uint32_t piece = 0; piece < chain; piece++) {
			struct mx_msg *m = &x->out[x->out_n++];

			*m = volley_piece(o, volley_stock[at++], piece);
			if (o->way == WAY_FRESH)
				memcpy(mx_frame(m->frame),
				       source + (uint64_t)j * o->size + piece * MX_PAGE, m->length);
		}
	}
}

static void receive_frames(const struct order *o)
{
	struct mx_exchange *x = mx_boot->exchange;
	uint32_t all = o->batch * volley_chain(o), have = 0, payload = 0;
	bool looks = o->way != WAY_BLIND && o->way != WAY_BARE, first = true;

	while (have < all) {
		turn(MX_BATCH, o->poll);
		for (uint32_t i = 0; i < x->in_n; i++) {
			const struct mx_msg *m = &x->in[i];

			if (m->kind >= MX_EVENT)
				continue;
			volley_stock[have++] = m->frame;
			if (first && looks)
				volley_take(o, payload, m);
			first = !(m->flags & MX_MORE);
			payload += first;
		}
	}
}

/* By an end of messages as large as the payload, or of the largest. Sizes are constants: see
 * channel.h. */
static bool send_one(const struct order *o, const uint8_t *from)
{
	return o->size == 64    ? mx_end_put(&volley_small, from, 64)
	       : o->size == 256 ? mx_end_put(&medium, from, 256)
	                        : mx_end_put(&large, from, sizeof(struct crossing_large));
}

static bool receive_one(const struct order *o, uint8_t *to)
{
	return o->size == 64    ? mx_end_take(&volley_small, to, 64)
	       : o->size == 256 ? mx_end_take(&medium, to, 256)
	                        : mx_end_take(&large, to, sizeof(struct crossing_large));
}

static uint32_t piece_of(const struct order *o)
{
	return o->size <= 256 ? o->size : sizeof(struct crossing_large);
}

/*
 * A peer that polls needs no notification, and waits for none. When it has lost its host's core for
 * long, only an exchange now and then tells the executive that this end does not hang.
 */
static void pause_for(const struct order *o)
{
	static uint32_t looks;

	if (!o->poll) {
		turn(0, false);
		return;
	}
	mx_notify_mask = 0;
	if (++looks % LOOKS == 0)
		turn(0, true);
}

static void send_messages(const struct order *o)
{
	for (uint32_t at = 0; at < o->batch * o->size; at += piece_of(o))
		while (!send_one(o, source + at))
			pause_for(o);
	if (o->poll)
		mx_notify_mask = 0;
}

static void receive_messages(const struct order *o)
{
	uint32_t at = 0;

	for (uint32_t j = 0; j < o->batch; j++) {
		const uint8_t *payload = arrived + (uint64_t)j * o->size;

		for (; at < (j + 1) * o->size; at += piece_of(o))
			while (!receive_one(o, arrived + at))
				pause_for(o);
		judge(o, j, *(const volatile uint64_t *)payload,
		      o->all ? volley_sum(payload, o->size) : 0);
	}
}

void volley_send(const struct order *o)
{
	if (o->way == WAY_MESSAGE)
		send_messages(o);
	else
		send_frames(o);
}

void volley_receive(const struct order *o)
{
	if (o->way == WAY_MESSAGE)
		receive_messages(o);
	else
		receive_frames(o);
}

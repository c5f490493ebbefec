/*
 * Random exchanges and their judgement: see block.h.
 *
 * What the executive may do is predicted from a copy of the block: no entry that breaks a rule of
 * moxie/abi.h may be accepted, and none that breaks none may be refused but for credit or the
 * peer's end, which a domain cannot foresee.
 */
#include <string.h>
#include "tests/hostile/block.h"
#include "tests/hostile/dice.h"

#define TAG  4   /* word of the body that says which entry it was */
#define LATE 200 /* us: the longest wait */

uint64_t block_traps;

static bool window;
static void (*tell)(const struct mx_msg *m);
static struct mx_msg was[MX_BATCH];
static uint64_t bad; /* mx_exchange.bad, at least */

void block_open(bool may_map, void (*event)(const struct mx_msg *m))
{
	window = may_map;
	tell = event;
}

static const struct mx_pool *frozen(void)
{
	return &mx_boot->pools[mx_boot->cores];
}

/* --- the request --- */

static uint32_t some_frame(void)
{
	switch (dice_below(12)) {
	case 0:
		return MX_NOFRAME;
	case 1:
		return frozen()->first + dice_below(frozen()->count);
	case 2:
		return dice_below(frozen()->first);
	case 3:
		return (uint32_t)dice_edge();
	default:
		return held_any();
	}
}

/* Mostly one of those that lead somewhere. */
static uint32_t some_slot(void)
{
	return one_in(20) ? dice_below(256) : 2 + dice_below(4);
}

static void write_entry(struct mx_msg *m, uint32_t slot, bool more)
{
	*m = (struct mx_msg){.frame = some_frame(),
	                     .offset = (uint16_t)dice_below(64),
	                     .length = (uint16_t)dice_below(MX_PAGE - 64),
	                     .slot = (uint8_t)slot,
	                     .kind = (uint8_t)dice_below(MX_EVENT),
	                     .flags = more ? MX_MORE : 0};
	if (one_in(40))
		m->length = (uint16_t)dice_edge();
	if (one_in(40))
		m->kind = (uint8_t)dice();
	if (one_in(40))
		m->flags = (uint8_t)dice();
	if (one_in(40))
		m->slot = (uint8_t)some_slot();
}

static uint32_t write_out(struct mx_exchange *x)
{
	uint32_t n = 0, wanted = one_in(4) ? dice_below(MX_BATCH + 1) : dice_below(12);

	while (n < wanted) {
		uint32_t slot = some_slot(), length = 1;

		if (one_in(4))
			length = 1 + dice_below(one_in(8) ? 40 : MX_CHAIN_MAX);
		for (; length && n < wanted; length--)
			write_entry(&x->out[n++], slot, length > 1);
	}
	return n;
}

static uint32_t write_free(struct mx_exchange *x)
{
	uint32_t n = one_in(3) ? dice_below(one_in(8) ? MX_BATCH + 1 : 16) : 0;

	for (uint32_t i = 0; i < n; i++)
		x->free[i] = one_in(16) ? some_frame() : held_any();
	return n;
}

/* Words that are the executive's to write: it must not believe what stands there. */
static void scribble(struct mx_exchange *x)
{
	x->in_n = (uint32_t)dice();
	x->refused_n = (uint32_t)dice();
	x->got_n = (uint32_t)dice();
	x->held = (uint32_t)dice();
	x->pending = dice();
	x->now = dice();
	x->bad = dice();
	x->reserved = dice();
	x->reserved2 = dice();
}

static void write_request(struct mx_exchange *x)
{
	x->out_n = write_out(x);
	x->free_n = write_free(x);
	x->want = one_in(3) ? dice_below(one_in(8) ? MX_BATCH + 1 : 8) : 0;
	x->in_max = one_in(6) ? 0 : MX_CHAIN_MAX + dice_below(MX_BATCH - MX_CHAIN_MAX + 1);
	x->deadline = one_in(6) ? mx_now() + dice_below(LATE) * MX_US : MX_NOW;
	x->notify = one_in(4) ? dice() : 0;
	x->thirst = one_in(4) ? dice() : 0;
	if (one_in(8))
		scribble(x);
	if (one_in(50)) {
		uint32_t *counts[] = {&x->out_n, &x->free_n, &x->want, &x->in_max};

		*counts[dice_below(4)] = (uint32_t)dice_edge();
	}
}

/* --- the judgement --- */

static bool counts_good(const struct mx_exchange *x)
{
	return x->out_n <= MX_BATCH && x->free_n <= MX_BATCH && x->want <= MX_BATCH &&
	       (!x->in_max || (x->in_max >= MX_CHAIN_MAX && x->in_max <= MX_BATCH));
}

static bool range_good(const struct mx_msg *m)
{
	uint32_t end = (uint32_t)m->offset + m->length;

	if (!mx_is_frozen(m->frame))
		return end <= MX_PAGE;
	return !end || mx_is_frozen(m->frame + (end - 1) / MX_PAGE);
}

static bool entry_good(const struct mx_msg *m)
{
	if (m->kind >= MX_EVENT || m->flags & ~MX_MORE)
		return false;
	return m->frame == MX_NOFRAME ||
	       (range_good(m) && (mx_is_frozen(m->frame) || held_has(m->frame)));
}

/* Breaks no rule: the executive may still have no credit for it. */
static bool chain_good(const struct mx_msg *chain, uint32_t n)
{
	uint32_t slot = chain[0].slot;

	if (slot >= MX_SLOTS || mx_boot->slots[slot].kind != MX_SLOT_OWNING || n > MX_CHAIN_MAX ||
	    chain[n - 1].flags & MX_MORE)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (chain[i].slot != slot || !entry_good(&chain[i]))
			return false;
		for (uint32_t k = 0; k < i; k++)
			if (chain[k].frame == chain[i].frame && held_has(chain[i].frame))
				return false;
	}
	return true;
}

/* The chain is the next of the refused: whole, in order, with one reason. */
static void judge_refused(const struct mx_msg *out, uint32_t first, uint32_t n, bool good)
{
	int8_t status = out[0].status;

	for (uint32_t i = 0; i < n; i++) {
		struct mx_msg m = out[i];

		MUST(m.status == status);
		m.status = was[first + i].status;
		MUST(!memcmp(&m, &was[first + i], sizeof m));
	}
	MUST(status < 0 && status >= MX_ERANGE);
	if (status == MX_ECREDIT || status == MX_EPEER)
		return;
	MUST(!good);
	bad += n;
}

static void judge_out(const struct mx_exchange *x, uint32_t out_n)
{
	uint32_t refused = 0;

	MUST(x->refused_n <= out_n);
	for (uint32_t i = 0, n; i < out_n; i += n) {
		bool good;

		for (n = 1; i + n < out_n && was[i + n - 1].flags & MX_MORE; n++)
			;
		good = chain_good(&was[i], n);
		if (refused < x->refused_n && x->out[refused].body[TAG] == i) {
			MUST(refused + n <= x->refused_n);
			judge_refused(&x->out[refused], i, n, good);
			refused += n;
			continue;
		}
		MUST(good);
		for (uint32_t k = i; k < i + n; k++)
			if (held_has(was[k].frame))
				held_drop(was[k].frame);
	}
	MUST(refused == x->refused_n);
}

static void judge_free(const struct mx_exchange *x)
{
	for (uint32_t i = 0; i < x->free_n; i++)
		if (held_has(x->free[i]))
			held_drop(x->free[i]);
		else
			bad++;
}

static void judge_message(const struct mx_msg *m)
{
	const struct mx_slot_info *slot = &mx_boot->slots[m->slot % MX_SLOTS];

	if (m->kind >= MX_EVENT) {
		MUST(m->frame == MX_NOFRAME && !m->flags && m->kind <= MX_EVENT_CHILD);
		if (tell)
			tell(m);
		return;
	}
	MUST(m->slot < MX_SLOTS && slot->kind == MX_SLOT_OWNING && !(m->flags & ~MX_MORE));
	if (m->frame == MX_NOFRAME)
		return;
	MUST(range_good(m));
	if (!mx_is_frozen(m->frame))
		held_add(m->frame, slot->flags & MX_SLOT_MAPPED);
}

static void judge_in(const struct mx_exchange *x, uint32_t in_max)
{
	MUST(x->in_n <= in_max);
	for (uint32_t i = 0; i < x->in_n; i++)
		judge_message(&x->in[i]);
	MUST(!x->in_n || !(x->in[x->in_n - 1].flags & MX_MORE));
}

static void judge(const struct mx_exchange *x, uint32_t out_n, uint32_t in_max)
{
	judge_out(x, out_n);
	judge_in(x, in_max);
	MUST(x->got_n <= x->want);
	for (uint32_t i = 0; i < x->got_n; i++)
		held_add(x->got[i], window);
	MUST(x->bad >= bad && x->now <= mx_now());
	bad = x->bad;
	/* What is queued counts, too; with so much room left nothing is. */
	MUST(x->held >= held_n() && x->held <= mx_boot->quota);
	if (in_max >= MX_CHAIN_MAX + x->in_n)
		MUST(x->held == held_n());
	for (uint32_t s = 0; s < MX_SLOTS; s++)
		if (mx_boot->slots[s].kind == MX_SLOT_OWNING)
			MUST(x->credit[s] <= mx_boot->slots[s].depth);
}

static void trade(void)
{
	struct mx_exchange *x = mx_boot->exchange;
	uint32_t out_n = x->out_n, in_max = x->in_max;
	bool good = counts_good(x);
	int64_t result;

	for (uint32_t i = 0; good && i < out_n; i++) {
		x->out[i].body[TAG] = i;
		was[i] = x->out[i];
	}
	result = mx_trap(MX_TRAP_EXCHANGE, 0, 0, 0);
	block_traps++;
	if (!good) {
		MUST(result == MX_EINVAL);
		return;
	}
	MUST(result >= 0 && result == x->in_n);
	judge_free(x);
	judge(x, out_n, in_max);
}

/* --- the other traps --- */

static void map_step(void)
{
	uint64_t frame = one_in(3) ? dice_edge() : some_frame(),
	         on = one_in(4) ? dice() : dice_below(2);
	bool own = frame < HELD_FRAMES && held_has((uint32_t)frame);
	int64_t result = mx_trap(MX_TRAP_MAP, frame, on, 0);

	MUST(result == (!window ? MX_EPERM : own ? MX_OK : MX_EOWNER));
	if (result == MX_OK)
		held_map((uint32_t)frame, on != 0);
}

static void wrong_step(void)
{
	uint64_t nr = one_in(2) ? dice_edge() : MX_TRAP_DEVICE + dice_below(64);
	int64_t result;

	if (nr >= MX_TRAP_EXIT && nr < MX_TRAP_DEVICE)
		return;
	result = mx_trap((int64_t)nr, dice_edge(), dice_edge(), dice_edge());
	if (nr == MX_TRAP_DEVICE) /* it may have one */
		MUST(result == MX_OK || result == MX_EPERM);
	else
		MUST(result == MX_EINVAL);
}

void block_step(void)
{
	uint32_t frame = held_any();

	block_traps++;
	switch (dice_below(10)) {
	case 0:
		map_step();
		break;
	case 1:
		wrong_step();
		break;
	case 2:
		MUST(mx_trap(MX_TRAP_NOTIFY, dice_edge(), dice_edge(), 0) == MX_OK);
		break;
	default:
		write_request(mx_boot->exchange);
		trade();
	}
	if (frame != MX_NOFRAME && held_has(frame))
		held_look(frame);
}

void block_free_all(void)
{
	struct mx_exchange *x = mx_boot->exchange;

	held_look_all();
	do {
		x->out_n = x->want = 0;
		x->in_max = MX_BATCH;
		x->deadline = MX_NOW;
		for (x->free_n = 0; x->free_n < MX_BATCH && held_n();) {
			uint32_t frame = held_any();

			x->free[x->free_n++] = frame;
			held_drop(frame);
		}
		for (uint32_t i = 0; i < x->free_n; i++) /* judged like any others */
			held_add(x->free[i], false);
		trade();
	} while (x->in_n || held_n());
}

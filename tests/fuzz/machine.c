/* The executive under a fuzzer: see machine.h. Frames are in frames.c, plain channels in rings.c.
 */
#include <setjmp.h>
#include <string.h>
#include "lib/loop.h"
#include "tests/fuzz/frames.h"
#include "tests/fuzz/machine.h"
#include "tests/fuzz/rings.h"
#include "tests/fuzz/state.h"

#define START  (1000 * MX_S)
#define EVENTS 64u     /* of one batch */
#define WAKES  200u    /* deadlines met while time goes by in one event */
#define SPINS  100000u /* exchanges without a wait and without input */
#define INBOX  2048u

struct owning {
	uint16_t depth, credit, limit, lent, owed;
	uint32_t binding; /* counted */
	bool bound;
};

struct mx_boot machine_boot;
const struct mx_boot *mx_boot = &machine_boot;
uint64_t machine_now;
bool machine_exits;

static struct mx_exchange block;
static uint32_t pool_left;
static struct owning owning[MX_SLOTS];
static uint32_t used[MX_SLOTS], used_n; /* owning slots */
static struct mx_msg inbox[INBOX];
static uint32_t inbox_head, inbox_tail;
static uint32_t granted, in_max, want, spins, steps;
static uint64_t pending, resets, gone, thirst, until, wakes;
static bool relieved;
static struct events input;
static jmp_buf over;
static bool stopped;
static uint8_t left[1 << 18]; /* by a domain that was stopped */
static uint64_t left_from;
static size_t left_n;
static struct mx_child children[64]; /* that have ended, not told yet */
static uint32_t children_n;

static uint32_t room(void)
{
	return machine_boot.quota > frames_held() + granted
	               ? machine_boot.quota - frames_held() - granted
	               : 0;
}

static void settle(void)
{
	for (uint32_t i = 0; i < used_n; i++) {
		uint32_t s = used[i], n = owning[s].owed < room() ? owning[s].owed : room();

		owning[s].owed -= (uint16_t)n;
		owning[s].lent += (uint16_t)n;
		granted += n;
	}
}

static void clear(void)
{
	memset(owning, 0, sizeof(owning));
	memset(&block, 0, sizeof(block));
	granted = used_n = spins = steps = inbox_head = inbox_tail = 0;
	pending = resets = gone = 0;
	children_n = 0;
	frames_reset();
}

void machine_begin(const char *name, uint32_t quota, bool window)
{
	state_reset();
	clear();
	rings_reset();
	machine_now = until = START;
	machine_exits = false;
	pool_left = MACHINE_FRAMES;
	machine_boot = (struct mx_boot){.version = MX_ABI_VERSION,
	                                .cores = 1,
	                                .quota = quota,
	                                .exchange = &block,
	                                .window = window ? frames_bytes(0) : NULL,
	                                .heap = {.base = frames_heap(), .size = MACHINE_HEAP},
	                                .pools = {{0, MACHINE_FRAMES, 1ull << 32},
	                                          {MACHINE_FRAMES, MACHINE_FROZEN, 1ull << 33}}};
	strncpy(machine_boot.name, name, MX_NAME - 1);
}

void machine_args(const void *args, uint32_t n)
{
	fuzz_assert(n <= MX_ARGS);
	memcpy(machine_boot.args, args, n);
	machine_boot.args_len = n;
}

static void bind(uint32_t slot)
{
	struct owning *o = &owning[slot];
	uint32_t n = o->depth < room() ? o->depth : room();

	o->bound = true;
	o->binding++;
	o->lent = (uint16_t)n;
	o->owed = (uint16_t)(o->depth - n);
	o->credit = o->limit = o->depth;
	granted += n;
}

void machine_owning(uint32_t slot, uint32_t depth, bool mapped)
{
	machine_boot.slots[slot].kind = MX_SLOT_OWNING;
	machine_boot.slots[slot].flags = mapped ? MX_SLOT_MAPPED : 0;
	machine_boot.slots[slot].depth = (uint16_t)depth;
	owning[slot].depth = (uint16_t)depth;
	used[used_n++] = slot;
	bind(slot);
}

/* As executive/exchange.c: exchange_deliver. */
static void deliver(uint32_t slot, const struct mx_msg *m)
{
	struct mx_msg *to = &inbox[inbox_tail++ % INBOX];

	*to = *m;
	to->slot = (uint8_t)slot;
	to->status = 0;
	granted--;
	owning[slot].lent--;
	if (m->frame < MACHINE_FRAMES)
		frames_hold(m->frame, HELD);
}

static bool may_send(uint32_t slot, uint32_t n)
{
	return owning[slot].bound && owning[slot].lent >= n && inbox_tail - inbox_head + n <= INBOX;
}

bool machine_message(uint32_t slot, const struct mx_msg *m)
{
	fuzz_assert(m->frame == MX_NOFRAME || frames_frozen(m->frame));
	if (!may_send(slot, 1) || m->kind >= MX_EVENT)
		return false;
	deliver(slot, m);
	return true;
}

bool machine_packet(uint32_t slot, uint8_t kind, const void *body, const uint8_t *bytes, uint32_t n,
                    uint32_t offset, uint32_t cut)
{
	uint32_t frames = n ? (n + cut - 1) / cut : 1, part;

	if (frames > MX_CHAIN_MAX || frames > frames_home() || kind >= MX_EVENT ||
	    !may_send(slot, frames))
		return false;
	for (uint32_t i = 0; i < frames; i++, bytes += part, n -= part) {
		struct mx_msg m = {.frame = frames_take(),
		                   .offset = (uint16_t)(i ? 0 : offset),
		                   .kind = kind,
		                   .flags = i + 1 < frames ? MX_MORE : 0};

		part = n < cut ? n : cut;
		fuzz_assert(m.offset + part <= MX_PAGE);
		m.length = (uint16_t)part;
		if (i == 0)
			memcpy(m.body, body, sizeof(m.body));
		memcpy(frames_bytes(m.frame) + m.offset, bytes, part);
		deliver(slot, &m);
	}
	return true;
}

void machine_peer_gone(uint32_t slot)
{
	struct owning *o = &owning[slot];

	if (!o->bound)
		return;
	granted -= o->lent;
	o->bound = false;
	o->credit = o->limit = o->lent = o->owed = 0;
	gone |= 1ull << slot;
}

/* Binds it again: what was not collected yet is void. */
static void rebind(uint32_t slot)
{
	uint32_t to = inbox_head;

	machine_peer_gone(slot);
	gone &= ~(1ull << slot);
	for (uint32_t at = inbox_head; at != inbox_tail; at++) {
		struct mx_msg m = inbox[at % INBOX];

		if (m.slot != slot)
			inbox[to++ % INBOX] = m;
		else if (m.frame < MACHINE_FRAMES)
			frames_hold(m.frame, HOME);
	}
	inbox_tail = to;
	resets |= 1ull << slot;
	bind(slot);
}

void machine_pass(uint64_t ns)
{
	until = machine_now + ns;
	wakes = 0;
}

uint32_t machine_binding(uint32_t slot)
{
	return owning[slot].bound ? owning[slot].binding : 0;
}

/* The input is used up: credit and frames are there again, so that everything can come to its end.
 */
static bool calm(void)
{
	for (uint32_t i = 0; i < used_n; i++)
		if (owning[used[i]].bound)
			owning[used[i]].limit = owning[used[i]].depth;
	pool_left = UINT32_MAX;
	return side_end(steps++);
}

static uint32_t pick_owning(uint64_t n)
{
	return used_n ? used[n % used_n] : 0;
}

static void event(struct event *e)
{
	uint32_t slot = 0;

	if ((e->what == EVENT_GONE || e->what == EVENT_RESET) && e->n && e->data[0] & 0x80) {
		pending |= rings_event(e);
		return;
	}
	if (e->what == EVENT_CREDIT || e->what == EVENT_GONE || e->what == EVENT_RESET)
		slot = pick_owning(event_take(e, 1) % 32);
	switch (e->what) {
	case EVENT_CREDIT:
		if (owning[slot].bound)
			owning[slot].limit =
			        (uint16_t)(event_take(e, 1) % (owning[slot].depth + 1u));
		break;
	case EVENT_GONE:
		if (slot)
			machine_peer_gone(slot);
		break;
	case EVENT_RESET:
		if (slot)
			rebind(slot);
		break;
	case EVENT_POOL:
		pool_left = (uint32_t)event_take(e, 2);
		break;
	case EVENT_POKE:
	case EVENT_PLAIN:
	case EVENT_STALL:
		pending |= rings_event(e);
		break;
	default:
		side_event(e->what - EVENT_SIDE, e);
	}
}

/* Takes events until time goes by. False: there is nothing left to happen. */
static bool pull(void)
{
	struct event e;

	spins = 0;
	for (uint32_t i = 0; i < EVENTS; i++) {
		if (!events_next(&input, &e))
			return i > 0 || calm();
		if (e.what == EVENT_TIME) {
			uint32_t shift = event_take(&e, 1) % 28;

			machine_pass(((event_take(&e, 1) + 1) * MX_US) << shift);
			return true;
		}
		event(&e);
	}
	return true;
}

void machine_child(const struct mx_child *child)
{
	fuzz_assert(children_n < 64);
	children[children_n++] = *child;
}

void machine_notify(uint64_t slots)
{
	pending |= slots;
}

bool machine_plain_send(uint32_t slot, const void *message)
{
	if (!rings_send(slot, message))
		return false;
	pending |= 1ull << slot;
	return true;
}

uint32_t machine_kept(void)
{
	return frames_held() - mx_reserved();
}

static void take_free(void)
{
	for (uint32_t i = 0; i < block.free_n; i++) {
		fuzz_assert(block.free[i] < MACHINE_FRAMES && frames_holder(block.free[i]) != HOME);
		frames_hold(block.free[i], HOME);
	}
}

static void check_entry(const struct mx_msg *m, uint32_t slot)
{
	uint32_t end = (uint32_t)m->offset + m->length;

	fuzz_assert(m->slot == slot && m->kind < MX_EVENT);
	if (m->frame == MX_NOFRAME)
		return;
	if (frames_frozen(m->frame)) {
		fuzz_assert(!end || frames_frozen(m->frame + (end - 1) / MX_PAGE));
		return;
	}
	fuzz_assert(end <= MX_PAGE);
	fuzz_assert(m->frame < MACHINE_FRAMES && frames_holder(m->frame) != HOME);
	frames_show(m->frame);
}

/* As a whole; the frames of a chain for a peer that has ended meanwhile stay with the domain. */
static uint32_t submit(void)
{
	uint32_t refused = 0, n;

	for (uint32_t i = 0; i < block.out_n; i += n) {
		struct mx_msg *chain = &block.out[i];
		uint32_t slot = chain->slot;

		for (n = 1; chain[n - 1].flags & MX_MORE; n++)
			fuzz_assert(i + n < block.out_n);
		fuzz_assert(slot < MX_SLOTS && owning[slot].depth && n <= MX_CHAIN_MAX);
		if (!owning[slot].bound || owning[slot].credit < n) {
			fuzz_assert(!owning[slot].bound);
			memmove(&block.out[refused], chain, n * sizeof(*chain));
			refused += n;
			continue;
		}
		owning[slot].credit -= (uint16_t)n;
		for (uint32_t k = 0; k < n; k++)
			check_entry(&chain[k], slot);
		side_sent(slot, chain, n);
		for (uint32_t k = 0; k < n; k++)
			if (chain[k].frame < MACHINE_FRAMES) {
				fuzz_assert(frames_holder(chain[k].frame) != HOME); /* once only */
				frames_hold(chain[k].frame, HOME);
			}
	}
	return refused;
}

static void give_credit(void)
{
	for (uint32_t i = 0; i < used_n; i++) {
		uint32_t s = used[i];

		if (owning[s].credit < owning[s].limit) {
			owning[s].credit = owning[s].limit;
			relieved |= thirst >> s & 1;
		}
		block.credit[s] = owning[s].credit;
	}
}

static bool has_report(void)
{
	give_credit();
	pending |= rings_turn();
	if (in_max && (inbox_head != inbox_tail || resets || gone || children_n))
		return true;
	return pending || relieved || (want && frames_home() && pool_left && room());
}

static void wait_until(uint64_t deadline)
{
	if (deadline <= machine_now) {
		fuzz_assert(++spins < SPINS);
		if (!has_report())
			pull(); /* meanwhile the others have run */
		return;
	}
	if (!has_report())
		settle();
	while (!has_report() && deadline > machine_now) {
		if (until > machine_now) {
			wakes++;
			machine_now = deadline < until && wakes < WAKES ? deadline : until;
		} else if (!pull()) {
			longjmp(over, 1);
		}
	}
}

static uint32_t report(uint32_t n, uint64_t *slots, uint8_t kind)
{
	for (; *slots && n < in_max; *slots &= *slots - 1)
		block.in[n++] = (struct mx_msg){.frame = MX_NOFRAME,
		                                .slot = (uint8_t)__builtin_ctzll(*slots),
		                                .kind = kind};
	return n;
}

static uint32_t report_children(uint32_t n)
{
	uint32_t told = 0;

	for (; told < children_n && n < in_max; told++) {
		block.in[n] = (struct mx_msg){.frame = MX_NOFRAME, .kind = MX_EVENT_CHILD};
		memcpy(block.in[n++].body, &children[told], sizeof(children[told]));
	}
	children_n -= told;
	memmove(children, children + told, children_n * sizeof(*children));
	return n;
}

static uint32_t messages(uint32_t n)
{
	uint32_t end = inbox_tail;

	if (end - inbox_head > in_max - n) {
		end = inbox_head + in_max - n;
		while (end != inbox_head && inbox[(end - 1) % INBOX].flags & MX_MORE)
			end--;
	}
	for (; inbox_head != end; inbox_head++) {
		const struct mx_msg *m = &block.in[n];

		block.in[n++] = inbox[inbox_head % INBOX];
		if (m->frame < MACHINE_FRAMES && machine_boot.slots[m->slot].flags & MX_SLOT_MAPPED)
			frames_hold(m->frame, MAPPED);
		owning[m->slot].owed += owning[m->slot].bound;
	}
	return n;
}

/* As executive/collect.c: exchange_collect. */
static int64_t collect(void)
{
	uint32_t n = report(0, &resets, MX_EVENT_RESET), got = 0;

	if (!resets) {
		n = messages(n);
		if (inbox_head == inbox_tail)
			n = report(n, &gone, MX_EVENT_GONE);
		n = report_children(n);
	}
	for (; got < want && frames_home() && pool_left && room(); pool_left--) {
		uint32_t frame = frames_take();

		frames_hold(frame, machine_boot.window ? MAPPED : HELD);
		block.got[got++] = frame;
	}
	settle();
	block.in_n = n;
	block.got_n = got;
	block.held = frames_held();
	block.pending = pending;
	block.now = machine_now;
	pending = 0;
	return n;
}

static int64_t exchange(void)
{
	fuzz_assert(block.out_n <= MX_BATCH && block.free_n <= MX_BATCH && block.want <= MX_BATCH);
	fuzz_assert(block.in_max <= MX_BATCH && (!block.in_max || block.in_max >= MX_CHAIN_MAX));
	take_free();
	block.refused_n = submit();
	in_max = block.in_max;
	want = block.want;
	thirst = block.thirst;
	relieved = false;
	if (in_max || block.deadline != MX_NOW) { /* else it is a flush, within a batch */
		if (!block.refused_n)
			wait_until(block.deadline);
	} else {
		has_report();
	}
	return collect();
}

/* A fuzzer whose domain spawns others defines its own. */
__attribute__((weak)) int64_t side_spawn(uint64_t op, uint64_t a)
{
	(void)op;
	(void)a;
	fuzz_fail(__FILE__, __LINE__, "this domain may not spawn");
}

int64_t mx_trap(int64_t nr, uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	switch (nr) {
	case MX_TRAP_EXCHANGE:
		return exchange();
	case MX_TRAP_MAP:
		if (a >= MACHINE_FRAMES || frames_holder(a) == HOME)
			return MX_EOWNER;
		frames_hold((uint32_t)a, b ? MAPPED : HELD);
		return MX_OK;
	case MX_TRAP_SPAWN:
		return side_spawn(a, b);
	case MX_TRAP_DEVICE:
		return MX_OK;
	default:
		fuzz_fail(__FILE__, __LINE__, "a trap that this domain has no use for");
	}
}

void mx_exit(uint32_t status)
{
	(void)status;
	if (!machine_exits)
		fuzz_fail(__FILE__, __LINE__, rings_last_line());
	longjmp(over, 1);
}

uint64_t mx_now(void)
{
	return machine_now;
}

extern const uint8_t __ehdr_start[];

void machine_stop(struct event *e)
{
	const uint8_t *from;

	left_n = state_copy(left, sizeof(left), &from);
	left_from = (uint64_t)(from - __ehdr_start);
	while (e->n) {
		uint32_t where = (uint32_t)event_take(e, 2);

		left[where % (left_n + 1)] = (uint8_t)event_take(e, 1);
	}
	stopped = true;
	longjmp(over, 1);
}

void machine_heir(void)
{
	machine_boot.kept = (struct mx_kept){.pages = {.base = left, .size = left_n}};
	machine_boot.kept.from = left_from;
}

struct events machine_rest(void)
{
	return input;
}

bool machine_stopped(void)
{
	return stopped;
}

void machine_run(const uint8_t *data, size_t n)
{
	input = (struct events){data, n};
	stopped = false;
	if (setjmp(over))
		return;
	mx_log_open();
	mx_loop();
}

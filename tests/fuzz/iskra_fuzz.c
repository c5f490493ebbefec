/*
 * iskra on any sequence of calls with any records: a refused call changes nothing, every branch
 * holds every record once and in order, links are lists in order, and every query ends with an
 * answer.
 *
 * An input is a list of calls: a byte what, a byte which record, and what the call takes.
 */
#include <stdlib.h>
#include <string.h>
#include "iskra/store.h"
#include "tests/fuzz/fuzz.h"

#define MOST 300u

struct input {
	const uint8_t *data;
	size_t n;
};

static void take(struct input *in, void *to, size_t n)
{
	size_t given = in->n < n ? in->n : n;

	memset(to, 0, n);
	memcpy(to, in->data, given);
	in->data += given;
	in->n -= given;
}

/* Mostly one that there is. */
static uint32_t take_index(struct input *in, const struct iskra *l)
{
	uint8_t any;
	uint16_t index;

	take(in, &any, sizeof(any));
	take(in, &index, sizeof(index));
	return any == 0xff ? MX_NOTHING : index % (any & 1 ? iskra_records(l) + 1 : MOST + 2);
}

/* Of numbers that fit, mostly: some are one or two too large. */
static struct mx_record path_of(const struct mx_record *r)
{
	static const uint32_t numbers[] = {ISKRA_PAIRS, ISKRA_NODES, MX_LEVELS, 1};
	uint32_t of = r->id % 4, from = r->id / 4, to = r->id / 1024;

	return mx_path(of, from % (numbers[of] + 1),
	               to % (of == MX_PATH_LEVEL ? 2 : numbers[of] + 1), r->cost % 270);
}

/* Most of them could be, so that the store fills; the rest is any bytes. */
static struct mx_record take_record(struct input *in, const struct iskra *l)
{
	struct mx_record r;
	uint8_t fix;

	take(in, &fix, sizeof(fix));
	take(in, &r, fix & 1 ? 24 : sizeof(r));
	if (fix & 2) {
		r.kind = 1 + r.kind % (MX_KINDS - 1);
		r.level = r.kind == MX_KIND_CORE ? MX_LEVEL_CORE : r.level % MX_LEVELS;
		r.place &= ~mx_place_inside(r.level) & ~(0xfc0ull << 52);
		r.parent = fix & 8 ? take_index(in, l) : MX_NOTHING;
	}
	return fix & 4 && r.kind == MX_KIND_PATH ? path_of(&r) : r;
}

static void check_branch(const struct iskra *l, enum iskra_branch b)
{
	struct iskra_key before = {0, 0};
	struct iskra_walk w;
	uint32_t i, n = 0;

	for (iskra_walk_all(&w, l, b); (i = iskra_step(&w)) != MX_NOTHING; n++) {
		const struct mx_record *r = iskra_get(l, i);

		fuzz_assert(r);
		fuzz_assert(n == 0 || key_order(before, key_of(r, b, i)) < 0);
		fuzz_assert(iskra_find(l, r->kind, r->id) == i);
		before = key_of(r, b, i);
	}
	fuzz_assert(n == iskra_records(l));
}

static void check_parts(const struct iskra *l)
{
	uint32_t linked = 0, listed = 0;

	for (uint32_t i = 0; i < iskra_most(l); i++) {
		const struct mx_record *r = iskra_get(l, i);
		uint32_t before = MX_NOTHING;

		if (!r)
			continue;
		linked += r->parent != MX_NOTHING;
		for (uint32_t part = r->child; part != MX_NOTHING;
		     before = part, part = iskra_get(l, part)->next, listed++) {
			fuzz_assert(iskra_get(l, part)->parent == i);
			fuzz_assert(before == MX_NOTHING || before < part);
			if (before != MX_NOTHING)
				fuzz_assert(iskra_get(l, part)->before == before);
		}
		if (r->child != MX_NOTHING)
			fuzz_assert(iskra_get(l, r->child)->before == before);
	}
	fuzz_assert(linked == listed);
}

static void check_choice(const struct iskra *l, const struct iskra_wish *wish)
{
	struct iskra_choice c, again;

	if (iskra_best(l, wish, &c) != MX_OK)
		return;
	fuzz_assert(iskra_weigh(l, wish, c.core, &again) == MX_OK);
	fuzz_assert(memcmp(&c, &again, sizeof(c)) == 0);
	fuzz_assert(!(iskra_get(l, iskra_find(l, MX_KIND_CORE, c.core))->flags & MX_RECORD_LOST));
}

static void ask(struct iskra *l, struct input *in)
{
	struct iskra_peer peers[ISKRA_PEERS];
	struct iskra_wish wish = {.peers = peers};
	uint32_t from = take_index(in, l), found[4];
	uint8_t kind, n;

	take(in, &kind, sizeof(kind));
	take(in, &n, sizeof(n));
	wish.peers_n = n % (ISKRA_PEERS + 2);
	for (uint32_t i = 0; i < wish.peers_n && i < ISKRA_PEERS; i++)
		take(in, &peers[i], sizeof(peers[i]));
	take(in, &wish.want, sizeof(wish.want));
	take(in, &wish.memory, sizeof(wish.memory));
	wish.device = take_index(in, l);
	take(in, &wish.device_weight, sizeof(wish.device_weight));
	take(in, &wish.home, sizeof(wish.home));
	check_choice(l, &wish);
	uint32_t nearest = iskra_nearest(l, from, kind);
	uint32_t all = iskra_within(l, from, kind, UINT32_MAX, found, 4);
	fuzz_assert((nearest == MX_NOTHING) == (all == 0));
	fuzz_assert(all == 0 || found[0] == nearest);
	iskra_up(l, from, kind);
}

static int64_t call(struct iskra *l, struct input *in)
{
	uint8_t what;
	struct mx_record r;
	uint32_t index;
	int64_t result;

	take(in, &what, sizeof(what));
	switch (what % 8) {
	case 0:
		index = take_index(in, l);
		r = take_record(in, l);
		return iskra_put(l, index, &r);
	case 1:
		index = take_index(in, l);
		r = take_record(in, l);
		return iskra_change(l, index, &r);
	case 2:
		return iskra_remove(l, take_index(in, l));
	case 3:
		index = take_index(in, l);
		return iskra_link(l, index, take_index(in, l));
	case 4:
		ask(l, in);
		return MX_EINVAL; /* it, too, changes nothing */
	default:
		r = take_record(in, l);
		index = (uint32_t)(result = iskra_insert(l, &r));
		fuzz_assert(result < 0 || iskra_get(l, index)->parent == r.parent);
		return result;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input in = {data, n};
	uint64_t bytes = iskra_bytes(MOST);
	void *memory = aligned_alloc(ISKRA_LINE, bytes); /* just as large, for ASan */
	struct iskra *l = iskra_start(memory, bytes);

	while (in.n > 0) {
		uint64_t version = iskra_version(l);

		fuzz_assert((call(l, &in) < 0) == (version == iskra_version(l)));
	}
	for (uint32_t b = 0; b < ISKRA_BRANCHES; b++)
		check_branch(l, b);
	check_parts(l);
	free(memory);
	return 0;
}

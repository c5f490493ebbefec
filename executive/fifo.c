/* Core-to-core FIFOs: see fifo.h for who writes what. */
#include "executive/arch.h"
#include "executive/fifo.h"

struct fifo {
	_Alignas(64) uint32_t tail; /* producer */
	_Alignas(64) uint32_t head; /* consumer */
	_Alignas(64) struct remote slots[FIFO_SLOTS];
};

struct bell {
	_Alignas(64) uint32_t asleep; /* set by the core, taken by whoever wakes it */
	uint32_t naps; /* odd: it said so, has looked at every tail since, and sleeps */
};

/* Private copies of this core: its tails as producer, its heads as consumer. */
HOT_DATA static uint32_t sent[MX_CORES_MAX], published[MX_CORES_MAX], seen_head[MX_CORES_MAX];
HOT_DATA static uint32_t taken[MX_CORES_MAX], seen_tail[MX_CORES_MAX];
HOT_DATA static uint32_t
        others[MX_CORES_MAX];  /* entries between seen_head and sent that are no frames */
HOT_DATA static uint32_t turn; /* core whose FIFO is pulled first */
HOT_DATA static uint32_t deaf; /* set of cores that are not heard */

/* In `others`: all is dropped. It is more than any entry may find. */
#define CLOSED UINT32_MAX

uint64_t fifo_area_bytes(uint32_t cores)
{
	return sizeof(struct signs) + cores * sizeof(struct bell) +
	       (uint64_t)cores * cores * sizeof(struct fifo);
}

static struct bell *bells(const struct machine *m)
{
	return (struct bell *)((struct signs *)direct(m->fifos.base) + 1);
}

static struct bell *bell(uint32_t core)
{
	return bells(&machine) + core;
}

struct signs *fifo_signs(void)
{
	return direct(machine.fifos.base);
}

static struct fifo *fifo(uint32_t from, uint32_t to)
{
	return (struct fifo *)(bell(0) + machine.cores) + (from * machine.cores + to);
}

/* What the consumer has emptied since the last look. */
static void look(uint32_t core)
{
	struct fifo *f = fifo(self, core);
	uint32_t head = __atomic_load_n(&f->head, __ATOMIC_ACQUIRE);

	for (uint32_t at = seen_head[core]; at != head; at++)
		others[core] -= f->slots[at % FIFO_SLOTS].kind != REMOTE_FRAME;
	seen_head[core] = head;
}

HOT bool fifo_has_room(uint32_t core, uint32_t n)
{
	if (sent[core] - seen_head[core] + n > FIFO_SLOTS)
		look(core);
	return sent[core] - seen_head[core] + n <= FIFO_SLOTS;
}

bool fifo_has_places(uint32_t core, uint32_t n, uint32_t most)
{
	if (others[core] + n > most)
		look(core);
	return others[core] + n <= most && fifo_has_room(core, n);
}

HOT bool fifo_push(uint32_t core, const struct remote *r, uint32_t most)
{
	if (others[core] >= most) {
		if (others[core] == CLOSED)
			return true;
		look(core);
	}
	if (others[core] >= most || !fifo_has_room(core, 1))
		return false;
	others[core] += r->kind != REMOTE_FRAME;
	fifo(self, core)->slots[sent[core]++ % FIFO_SLOTS] = *r;
	return true;
}

HOT void fifo_publish(void)
{
	for (uint32_t core = 0; core < machine.cores; core++) {
		if (sent[core] == published[core])
			continue;
		published[core] = sent[core];
		__atomic_store_n(&fifo(self, core)->tail, sent[core], __ATOMIC_RELEASE);
		__atomic_thread_fence(__ATOMIC_SEQ_CST); /* pairs with the one in fifo_sleep */
		if (__atomic_load_n(&bell(core)->asleep, __ATOMIC_RELAXED) &&
		    __atomic_exchange_n(&bell(core)->asleep, 0, __ATOMIC_RELAXED))
			arch_ring(core);
	}
}

HOT bool fifo_pull_from(uint32_t core, struct remote *r)
{
	struct fifo *f = fifo(core, self);

	if (taken[core] == seen_tail[core]) {
		seen_tail[core] = __atomic_load_n(&f->tail, __ATOMIC_ACQUIRE);
		if (taken[core] == seen_tail[core])
			return false;
	}
	*r = f->slots[taken[core]++ % FIFO_SLOTS];
	__atomic_store_n(&f->head, taken[core], __ATOMIC_RELEASE);
	return true;
}

HOT bool fifo_pull(struct remote *r)
{
	for (uint32_t i = 0; i < machine.cores; i++) {
		if (turn != self && !(deaf >> turn & 1) && fifo_pull_from(turn, r))
			return true;
		turn = turn + 1 < machine.cores ? turn + 1 : 0;
	}
	return false;
}

HOT bool fifo_sleep(void)
{
	__atomic_store_n(&bell(self)->asleep, 1u, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* pairs with the one in fifo_publish */
	for (uint32_t core = 0; core < machine.cores; core++) {
		if (core != self && !(deaf >> core & 1) &&
		    __atomic_load_n(&fifo(core, self)->tail, __ATOMIC_RELAXED) != taken[core]) {
			fifo_woken();
			return false;
		}
	}
	/* not before the looks: that it is done at all depends on what they saw */
	__atomic_store_n(&bell(self)->naps, bell(self)->naps + 1, __ATOMIC_RELAXED);
	return true;
}

HOT void fifo_woken(void)
{
	__atomic_store_n(&bell(self)->naps, (bell(self)->naps + 1) & ~1u, __ATOMIC_RELAXED);
	__atomic_store_n(&bell(self)->asleep, 0u, __ATOMIC_RELAXED);
}

COLD bool fifo_pending(uint32_t core)
{
	return published[core] != __atomic_load_n(&fifo(self, core)->head, __ATOMIC_RELAXED);
}

COLD void fifo_close(uint32_t core)
{
	others[core] = CLOSED;
	sent[core] = published[core]; /* what was not told yet never is */
}

COLD void fifo_deaf(uint32_t core)
{
	deaf |= 1u << core;
}

uint64_t fifo_asleep(const struct machine *m)
{
	const struct bell *all = bells(m);
	uint64_t naps = 0;

	for (uint32_t core = 0; core < m->cores; core++) {
		uint32_t n = __atomic_load_n(&all[core].naps, __ATOMIC_ACQUIRE);

		if (!(n & 1) || !__atomic_load_n(&all[core].asleep, __ATOMIC_ACQUIRE))
			return 0;
		naps += n;
	}
	return naps;
}

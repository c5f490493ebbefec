/*
 * One side of tests/model/pair.h: a domain as create.c and bind.c leave it, and what the exchange
 * asks of parts that have no say here. Nothing else of the executive is replaced.
 */
#include <string.h>
#include "executive/agree.h"
#include "executive/bind.h"
#include "executive/children.h"
#include "executive/core.h"
#include "executive/create.h"
#include "executive/device.h"
#include "executive/exchange.h"
#include "executive/first.h"
#include "executive/frame.h"
#include "executive/keep.h"
#include "executive/lost.h"
#include "executive/measure.h"
#include "executive/move.h"
#include "executive/orphan.h"
#include "executive/post.h"
#include "executive/region.h"
#include "executive/remote.h"
#include "executive/survey.h"
#include "tests/model/cell.h"
#include "tests/model/model.h"
#include "tests/model/pair.h"

struct machine machine;
uint32_t self;
struct domain *domains[DOMAINS];
uint32_t lost_cores;
bool survey_runs;

static struct domain domain;
static struct mx_exchange block;
static struct mx_msg inbox[8];
static _Alignas(8) uint8_t tables[256]; /* of frames */
static uint32_t tables_n;

void *direct(uint64_t phys)
{
	return (void *)phys;
}

uint64_t region_alloc(uint32_t pages, uint32_t owner)
{
	uint64_t at = (uint64_t)(tables + tables_n);

	(void)owner;
	tables_n += pages ? 64 : 0; /* a pool has two frames */
	return at;
}

void arch_ring(uint32_t core)
{
	cell_rings(core);
}

uint64_t arch_now(void)
{
	return 1;
}

_Noreturn void panic(const char *format, ...)
{
	(void)format;
	model_check(!"the executive panics");
	__builtin_unreachable();
}

/* The only domain of its core: it is never queued, and goes on at once. */
void domain_ready(struct domain *d)
{
	(void)d;
}

bool domain_others_ready(void)
{
	return false;
}

void domain_poll(struct domain *d, uint64_t now)
{
	(void)d;
	(void)now;
}

void core_begin(struct domain *d, uint64_t now)
{
	(void)d;
	(void)now;
}

bool core_turn(uint64_t now)
{
	(void)now;
	remote_drain();
	if (remote_retry)
		exchange_retry();
	return remote_retry;
}

/* What no scenario comes to. */
#define NEVER(declaration)                                                                         \
	declaration                                                                                \
	{                                                                                          \
		panic("never");                                                                    \
	}
NEVER(_Noreturn void core_run(void))
NEVER(_Noreturn void core_switch(uint64_t now __attribute__((unused))))
NEVER(void domain_wrong(struct domain *d __attribute__((unused)),
                        uint32_t n __attribute__((unused))))
NEVER(bool post(uint32_t core __attribute__((unused)),
                const struct remote *r __attribute__((unused))))
NEVER(void children_handle(const struct remote *r __attribute__((unused))))
NEVER(void create_handle(const struct remote *r __attribute__((unused))))
NEVER(void device_told(const struct remote *r __attribute__((unused))))
NEVER(void move_handle(const struct remote *r __attribute__((unused))))
NEVER(void orphan_handle(const struct remote *r __attribute__((unused))))
NEVER(void keep_forget(const struct remote *r __attribute__((unused))))
NEVER(void measure_told(const struct remote *r __attribute__((unused))))
NEVER(void agree_told(const struct remote *r __attribute__((unused))))
NEVER(void first_asked(const struct remote *r __attribute__((unused))))
NEVER(void lost_heard(const struct remote *r __attribute__((unused))))
NEVER(void survey_heard(const struct remote *r __attribute__((unused))))
NEVER(void survey_note(const struct remote *r __attribute__((unused))))
NEVER(void arch_break(bool hang __attribute__((unused))))
NEVER(void bind_connect(const struct remote *r __attribute__((unused))))
NEVER(void bind_open(const struct remote *r __attribute__((unused))))
NEVER(void bind_gone(const struct remote *r __attribute__((unused))))
NEVER(void bind_acked(const struct remote *r __attribute__((unused))))
NEVER(void bind_heard(struct domain *d __attribute__((unused)), uint32_t s __attribute__((unused))))
NEVER(void space_frame_map(struct space *s __attribute__((unused)),
                           uint32_t frame __attribute__((unused))))
NEVER(bool space_frame_unmap(struct space *s __attribute__((unused)),
                             uint32_t frame __attribute__((unused))))

uint32_t children_report(struct domain *d, struct mx_msg *in, uint32_t n, uint32_t most)
{
	(void)d;
	(void)in;
	(void)most;
	return n;
}

static void start(uint32_t core, void *fifos)
{
	self = core;
	machine.cores = 2;
	machine.fifos.base = (uint64_t)fifos;
	machine.pools[0].count = PAIR_POOL;
	machine.pools[1].first = machine.pools[2].first = PAIR_POOL;
	frame_init();
	domains[1] = &domain;
	domain.index = 1;
	domain.state = RUNNING;
	domain.x = &block;
	domain.quota = 2 * PAIR_DEPTH;
	domain.inbox = inbox;
	domain.inbox_mask = 7;
	domain.granted = PAIR_DEPTH;
	domain.slots[0] = (struct slot){.kind = MX_SLOT_OWNING,
	                                .bound = true,
	                                .open = true,
	                                .peer = {.core = (uint8_t)!core, .domain = 1},
	                                .key = 1,
	                                .depth = PAIR_DEPTH,
	                                .credit = PAIR_DEPTH,
	                                .lent = PAIR_DEPTH};
	exchange_show_credit(&domain, 0);
}

static bool sleep(void)
{
	bool told = frame_send_home(true);

	fifo_publish();
	model_check(told && !remote_retry); /* the FIFOs are large enough */
	return fifo_sleep();
}

static uint32_t at_home(void)
{
	return frame_free_n;
}

static uint32_t owner(uint32_t frame)
{
	return frame_state[frame] & FRAME_OWNER;
}

extern const struct pair_cell pair;
const struct pair_cell pair = {start,      fifo_area_bytes, &domain, exchange, sleep,
                               fifo_woken, remote_drain,    at_home, owner};

/*
 * The host under the web server's tests: see httpd_host.h.
 */
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <moxie/slots.h>
#include "httpd_host.h"

#define POOL   512u
#define FROZEN 2048u
#define DEPTH  64u
#define QUOTA  256u
#define HEAP   (3u << 20)

struct host_conn host_conns[MX_CONNS];
uint32_t host_credit, host_frames, host_backlog;
bool host_ack;
uint64_t host_now, host_thirst;
uint16_t host_port;
char host_logged[1024];
uint64_t mx_notify_mask;

static _Alignas(MX_PAGE) uint8_t window[(POOL + FROZEN) * MX_PAGE];
static bool taken[POOL];
static struct mx_boot boot;
const struct mx_boot *mx_boot = &boot;
static uint32_t site_size;
static uint8_t *heap;
static uint64_t heap_used, wake;
static bool again;
static struct mx_msg in[65536];
static uint32_t in_n;
static _Alignas(64) uint8_t ring_memory[2][MX_RING_BYTES];
static struct mx_control_end init_end;

/* --- the library under the domain --- */

uint32_t mx_alloc(void)
{
	for (uint32_t i = 0; i < POOL && host_frames > 0; i++) {
		if (taken[i])
			continue;
		taken[i] = true;
		host_frames--;
		ASAN_UNPOISON_MEMORY_REGION(window + i * MX_PAGE, MX_PAGE);
		memset(window + i * MX_PAGE, 0xdb, MX_PAGE);
		return i;
	}
	return MX_NOFRAME;
}

void mx_free(uint32_t frame)
{
	if (frame >= POOL && frame < POOL + FROZEN)
		return;
	assert_true(frame < POOL && taken[frame]);
	taken[frame] = false;
	host_frames++;
	ASAN_POISON_MEMORY_REGION(window + frame * MX_PAGE, MX_PAGE);
}

bool mx_is_frozen(uint32_t frame)
{
	return frame >= POOL;
}

void *mx_heap(uint64_t size)
{
	uint64_t at = (heap_used + 63) & ~63ull;

	if (size > boot.heap.size || at > boot.heap.size - size)
		return NULL;
	heap_used = at + size;
	return heap + at;
}

static void take_data(struct host_conn *c, const struct mx_msg *m)
{
	assert_true(m->frame < POOL + FROZEN && m->length > 0);
	if (m->frame < POOL)
		assert_true(m->offset + m->length <= MX_PAGE);
	else
		assert_true((m->frame - POOL) * MX_PAGE + m->offset + m->length <=
		            FROZEN * MX_PAGE);
	c->unacked += m->length;
	assert_true(c->unacked <= MX_SK_WINDOW);
	assert_false(c->closed || c->aborted);
	while (c->got_n + m->length + 1 > c->got_max) {
		c->got_max = c->got_max ? c->got_max * 2 : 8192;
		c->got = realloc(c->got, c->got_max);
	}
	memcpy(c->got + c->got_n, window + m->frame * MX_PAGE + m->offset, m->length);
	c->got_n += m->length;
	c->messages++;
	c->frozen |= m->frame >= POOL;
	mx_free(m->frame);
}

int mx_send(uint32_t slot, struct mx_msg *chain, uint32_t n)
{
	struct host_conn *c = &host_conns[mx_conn(chain) % MX_CONNS];

	assert_int_equal(slot, MX_APP_STACK);
	assert_int_equal(n, 1);
	if (host_credit == 0)
		return MX_ECREDIT;
	if (host_credit != UINT32_MAX)
		host_credit--;
	if (chain->kind == MX_SK_DATA) {
		take_data(c, chain);
	} else if (chain->kind == MX_SK_LISTEN) {
		host_port = chain->length;
		host_backlog = chain->body[1];
	} else if (chain->kind == MX_SK_CREDIT) {
		c->credit += chain->body[1];
	} else if (chain->kind == MX_SK_CLOSE) {
		assert_false(c->closed);
		c->closed = true;
	} else {
		assert_int_equal(chain->kind, MX_SK_ABORT);
		c->aborted = true;
	}
	return MX_OK;
}

uint32_t mx_credit(uint32_t slot)
{
	(void)slot;
	return host_credit;
}

void mx_thirst(uint32_t slot)
{
	host_thirst |= 1ull << slot;
}

void mx_again(void)
{
	again = true;
}

void mx_wake_at(uint64_t ns)
{
	if (ns < wake)
		wake = ns;
}

void mx_reserve(uint32_t level)
{
	(void)level;
}

uint64_t mx_now(void)
{
	return host_now;
}

void mx_log(const char *format, ...)
{
	va_list args;

	size_t n = strlen(host_logged);

	va_start(args, format);
	vsnprintf(host_logged + n, sizeof(host_logged) - n, format, args);
	va_end(args);
}

void mx_panic(const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fail_msg("mx_panic: %s", text);
	abort();
}

/* --- the site --- */

static uint8_t *site_bytes(void)
{
	return window + POOL * MX_PAGE;
}

void host_site(void)
{
	site_size = 0;
}

static void put(const void *data, uint32_t size)
{
	assert_true(site_size + size + 4 <= FROZEN * MX_PAGE);
	memcpy(site_bytes() + site_size, data, size);
	site_size += size;
	while (site_size % 4)
		site_bytes()[site_size++] = 0;
}

void host_file(const char *name, uint32_t mode, uint32_t mtime, const void *data, uint32_t size)
{
	char head[512];
	int n = snprintf(head, sizeof(head),
	                 "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s", 1, mode, 0,
	                 0, 1, mtime, size, 0, 0, 0, 0, (unsigned)strlen(name) + 1, 0, name);

	assert_true(n > 0 && n < (int)sizeof(head));
	put(head, (uint32_t)n + 1);
	put(data, size);
}

void host_site_end(void)
{
	uint64_t size;

	host_file("TRAILER!!!", 0, 0, "", 0);
	size = site_size;
	memcpy(boot.args, &size, sizeof(size));
	boot.args_len = sizeof(size);
}

/* --- init --- */

static void open_rings(void)
{
	struct mx_ring *ours = (struct mx_ring *)ring_memory[0];
	struct mx_ring *theirs = (struct mx_ring *)ring_memory[1];
	static struct mx_slot_info info; /* an end keeps looking at it */

	info = (struct mx_slot_info){.kind = MX_SLOT_PLAIN,
	                             .depth = mx_control_depth,
	                             .type = mx_control_type,
	                             .key = 1,
	                             .rx = ours,
	                             .tx = theirs};
	memset(ring_memory, 0, sizeof(ring_memory));
	mx_end_open(&init_end.end, &info, 0, sizeof(struct mx_control));
	boot.slots[MX_PARENT] = info;
	boot.slots[MX_PARENT].rx = theirs;
	boot.slots[MX_PARENT].tx = ours;
}

void host_boot(uint64_t heap_size)
{
	for (uint32_t i = 0; i < MX_CONNS; i++)
		free(host_conns[i].got);
	memset(host_conns, 0, sizeof(host_conns));
	memset(taken, 0, sizeof(taken));
	ASAN_POISON_MEMORY_REGION(window, POOL * MX_PAGE);
	free(heap);
	heap = calloc(1, heap_size);
	heap_used = 0;
	in_n = 0;
	host_credit = UINT32_MAX;
	host_frames = POOL;
	host_now = MX_S / 2;
	host_ack = true;
	host_backlog = host_port = 0;
	host_thirst = 0;
	host_logged[0] = 0;
	wake = MX_FOREVER;
	boot.cores = 1;
	boot.quota = QUOTA;
	boot.window = window;
	boot.heap.base = heap;
	boot.heap.size = heap_size;
	boot.pools[0].count = POOL;
	boot.pools[1].first = POOL;
	boot.pools[1].count = FROZEN;
	boot.slots[MX_APP_STACK].kind = MX_SLOT_OWNING;
	boot.slots[MX_APP_STACK].depth = DEPTH;
	open_rings();
	domain_start();
	host_run();
}

void host_control(uint16_t op, const char *name, uint64_t value)
{
	struct mx_control m = {.op = op, .value = value};

	snprintf(m.name, sizeof(m.name), "%s", name);
	assert_true(mx_control_try_send(&init_end, &m));
	domain_event(in, 0, 1ull << MX_PARENT);
	host_run();
}

bool host_heard(uint16_t op, struct mx_control *m)
{
	while (mx_control_recv(&init_end, m))
		if (m->op == op)
			return true;
	return false;
}

void host_start(void)
{
	struct mx_msg listening = {
	        .frame = MX_NOFRAME, .slot = MX_APP_STACK, .kind = MX_SK_LISTENING};
	struct mx_control m;

	host_boot(HEAP);
	host_control(MX_CTL_SERVICE, "http", 80);
	host_control(MX_CTL_GO, "", 0);
	assert_int_equal(host_port, 80);
	assert_false(host_heard(MX_CTL_READY, &m));
	domain_event(&listening, 1, 0);
	assert_true(host_heard(MX_CTL_READY, &m));
}

/* --- the stack --- */

void host_message(uint8_t kind, uint32_t conn, uint32_t value)
{
	in[in_n++] = (struct mx_msg){
	        .frame = MX_NOFRAME, .slot = MX_APP_STACK, .kind = kind, .body = {conn, value}};
}

void host_connect(uint32_t conn)
{
	struct host_conn *c = &host_conns[conn];

	free(c->got);
	*c = (struct host_conn){.got = NULL};
	host_message(MX_SK_ACCEPT, conn, 0);
}

void host_data(uint32_t conn, const void *data, uint32_t length)
{
	uint32_t frame, credit = host_frames;

	host_frames = POOL; /* the stack's frames are another matter */
	frame = mx_alloc();
	assert_true(frame != MX_NOFRAME);
	host_frames = credit;
	memcpy(mx_frame(frame), data, length);
	host_message(MX_SK_DATA, conn, 0);
	in[in_n - 1].frame = frame;
	in[in_n - 1].length = (uint16_t)length;
}

void host_say(uint32_t conn, const char *text)
{
	size_t length = strlen(text);

	for (size_t at = 0, n; at < length; at += n) {
		n = length - at < 1460 ? length - at : 1460;
		host_data(conn, text + at, (uint32_t)n);
	}
	host_run();
}

void host_acknowledge(uint32_t conn, uint32_t bytes)
{
	host_conns[conn].unacked -= bytes;
	host_message(MX_SK_SENT, conn, bytes);
}

static bool acknowledge_all(void)
{
	bool any = false;

	for (uint32_t i = 0; i < MX_CONNS && host_ack; i++) {
		if (host_conns[i].unacked) {
			host_acknowledge(i, host_conns[i].unacked);
			any = true;
		}
	}
	return any;
}

static void event(uint64_t pending)
{
	static struct mx_msg batch[MX_BATCH];
	uint32_t n = in_n < MX_BATCH ? in_n : MX_BATCH;

	memcpy(batch, in, n * sizeof(in[0]));
	memmove(in, in + n, (in_n - n) * sizeof(in[0]));
	in_n -= n;
	again = false;
	wake = MX_FOREVER;
	host_thirst = 0;
	domain_event(batch, n, pending);
}

void host_run(void)
{
	uint32_t turns = 0;

	do {
		event(0);
		assert_true(++turns < 100000);
	} while (in_n > 0 || again || acknowledge_all());
}

void host_sleep(uint64_t ns)
{
	uint64_t end = host_now + ns;
	uint32_t wakes = 0;

	while (wake <= end) {
		if (wake > host_now)
			host_now = wake;
		host_run();
		assert_true(++wakes < 1000);
	}
	host_now = end;
}

const char *host_got(uint32_t conn)
{
	static char *kept;
	struct host_conn *c = &host_conns[conn];

	free(kept);
	kept = malloc(c->got_n + 1);
	if (c->got_n)
		memcpy(kept, c->got, c->got_n);
	kept[c->got_n] = 0;
	c->got_n = 0;
	return kept;
}

uint32_t host_held(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < POOL; i++)
		n += taken[i];
	return n;
}

void host_close(uint32_t conn)
{
	host_message(MX_SK_CLOSED, conn, 0);
	host_run();
}

void host_end(void)
{
	host_credit = UINT32_MAX;
	host_frames = POOL;
	host_run();
	for (uint32_t i = 0; i < MX_CONNS; i++)
		host_conns[i].unacked = 0;
	in[in_n++] =
	        (struct mx_msg){.frame = MX_NOFRAME, .slot = MX_APP_STACK, .kind = MX_EVENT_RESET};
	host_run();
	assert_int_equal(host_held(), 0);
	for (uint32_t i = 0; i < MX_CONNS; i++) {
		free(host_conns[i].got);
		host_conns[i].got = NULL;
		host_conns[i].got_max = 0;
	}
	free(heap);
	heap = NULL;
}

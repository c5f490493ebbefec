/*
 * A domain that makes one mistake of each kind that a sanitizer is for: the configuration names it.
 *
 * It is the first domain. For what takes two it spawns itself on the last core, which then reads
 * what it sends by a plain channel. When nothing stops it, it ends the machine.
 */
#include <limits.h>
#include <string.h>
#include <moxie/control.h>
#include <moxie/cpio.h>
#include <moxie/domain.h>

#define SLOT     2u
#define MESSAGES 1000u
#define RACE     (10 * MX_S) /* it is seen at once; or else the test fails then */

static struct mx_control_end end;
static uint32_t sent;
static bool racing;

static const struct mx_machine *machine(void)
{
	return mx_boot->machine.base;
}

static bool told(const char *word)
{
	return machine()->config_len >= strlen(word) &&
	       !memcmp(machine()->config, word, strlen(word));
}

static _Noreturn void done(void)
{
	mx_trap(MX_TRAP_SPAWN, MX_SPAWN_POWER, MX_POWER_OFF, 0);
	mx_exit(1);
}

/* --- mistakes of one domain --- */

/* No compiler knows. */
static uint32_t too_many(void)
{
	volatile uint32_t n = 25;

	return n;
}

static void beyond_static(void)
{
	static char table[24];

	memset(table, 1, too_many());
	mx_assert(table[0]);
}

static void beyond_stack(void)
{
	char table[24];

	memset(table, 1, too_many());
	mx_assert(table[0]);
}

static void overflow(void)
{
	volatile int most = INT_MAX;

	most = most + 1;
}

/* The frame goes home, or stays for a while longer. */
static void touch(bool late)
{
	uint32_t frame = mx_alloc();
	volatile uint8_t *byte;

	mx_assert(frame != MX_NOFRAME);
	byte = mx_frame(frame);
	*byte = 1;
	mx_reserve(0);
	mx_free(frame);
	mx_flush();
	if (late)
		*byte = 2;
}

/* --- mistakes between two --- */

static void spawn_peer(void)
{
	static struct mx_spawn q = {
	        .name = "peer", .stack = 8, .quota = 16, .budget = 5000, .device = -1};
	struct mx_bind join = {.a_slot = SLOT, .b = MX_SELF, .b_slot = SLOT};
	struct mx_cpio_entry image;
	int64_t handle;

	mx_assert(mx_cpio_find(mx_boot->bundle.base, mx_boot->bundle.size, "domains/init.elf",
	                       &image));
	q.core = mx_boot->cores - 1;
	q.image = image.offset;
	q.image_len = image.size;
	q.slots[SLOT] = mx_control_spec;
	handle = mx_trap(MX_TRAP_SPAWN, MX_SPAWN_CREATE, (uint64_t)&q, 0);
	mx_assert(handle > 0);
	join.a = (uint32_t)handle;
	mx_assert(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_BIND, (uint64_t)&join, 0) == MX_OK);
	mx_assert(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, (uint64_t)handle, 0) == MX_OK);
	mx_assert(mx_control_open(&end, mx_boot, SLOT));
}

/* The tail is written as any word, so nothing orders it, nor what stands in the slots. */
static void send_badly(void)
{
	struct mx_ring *ring = mx_boot->slots[SLOT].tx;

	*(volatile uint32_t *)&ring->tail = ++sent;
}

static void send(void)
{
	struct mx_control m = {.value = sent};

	if (racing) /* one a turn, so that the other looks between */
		send_badly();
	else
		while (sent < MESSAGES && mx_control_try_send(&end, &m))
			m.value = ++sent;
}

static void receive(void)
{
	static uint64_t next;
	struct mx_control m;

	while (mx_control_recv(&end, &m))
		mx_assert(m.value == next++ || m.value == 0);
	if (next == MESSAGES) {
		m.value = next;
		mx_control_try_send(&end, &m);
	}
}

void domain_start(void)
{
	if (mx_boot->machine.base)
		mx_reserve(1);
	else
		mx_assert(mx_control_open(&end, mx_boot, SLOT));
	mx_again();
}

static void first(void)
{
	static bool begun;
	struct mx_control m;

	if (!begun) {
		begun = true;
		racing = told("race");
		if (told("static"))
			beyond_static();
		if (told("stack"))
			beyond_stack();
		if (told("overflow"))
			overflow();
		if (told("late") || told("nothing"))
			touch(told("late"));
		spawn_peer();
	}
	send();
	if (mx_control_recv(&end, &m) || (racing && mx_now() > RACE))
		done();
	mx_again();
}

void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	(void)in, (void)n, (void)pending;
	if (mx_boot->machine.base)
		first();
	else {
		receive();
		mx_again();
	}
}

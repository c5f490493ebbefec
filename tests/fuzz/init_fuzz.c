/*
 * Init, all of it, over any configuration and devices, with children that may say and do anything.
 *
 * The executive's answers to its spawn traps are made here: creation may fail, children end for
 * every cause, their control channels and the console's are written by the input. Init has to go
 * on, and to name only children that it has. The first events can be CONFIG, the text of the
 * configuration, and DEVICES, changes of the devices' configuration spaces.
 */
#include <string.h>
#include <moxie/control.h>
#include <moxie/slots.h>
#include "tests/fuzz/archive.h"
#include "tests/fuzz/machine.h"

#define CHILDREN 256u
#define PORTS    3u

enum { CONFIG, DEVICES, END, FAIL, READY, TYPE, KINDS };

static const char standard[] = "set interfaces ethernet eth0 address 10.0.1.1/24\n"
                               "set interfaces ethernet eth1 address 10.0.2.1/24\n"
                               "set service http port 80\nset service iperf3\n";
static struct child {
	bool lives, started;
	uint32_t own_slot; /* init's end of its control channel */
	struct mx_slot_spec slots[MX_SLOTS];
} children[CHILDREN];
static uint32_t children_n;
static uint32_t failures; /* creations that fail next */
static int error;         /* and how */
static struct mx_machine facts;
static char text[1 << 14], bundle[MACHINE_FROZEN * MX_PAGE];
static uint64_t bundle_n;

static struct child *child_of(uint64_t handle)
{
	fuzz_assert(handle && handle <= children_n);
	return &children[handle - 1];
}

static int64_t create(const struct mx_spawn *q)
{
	struct child *c = &children[children_n];

	fuzz_assert(q->core < machine_boot.cores && memchr(q->name, 0, MX_NAME));
	fuzz_assert(q->image && q->image + q->image_len <= bundle_n && q->args_len <= MX_ARGS);
	if (failures) {
		failures--;
		return error;
	}
	if (children_n == CHILDREN)
		return MX_ENOMEM;
	*c = (struct child){.lives = true};
	memcpy(c->slots, q->slots, sizeof(c->slots));
	return ++children_n;
}

/* Init's own slot becomes what the child's is; a child that has ended is refused. */
static int64_t bind(const struct mx_bind *b)
{
	struct child *c = child_of(b->a);

	fuzz_assert(b->a_slot < MX_SLOTS && b->b_slot < MX_SLOTS);
	if (!c->lives || (b->b != MX_SELF && !child_of(b->b)->lives))
		return MX_EPEER;
	fuzz_assert(c->slots[b->a_slot].kind != MX_SLOT_NONE);
	if (b->b == MX_SELF) {
		machine_plain(b->b_slot, &c->slots[b->a_slot], true);
		if (b->a_slot == MX_PARENT)
			c->own_slot = b->b_slot;
	} else {
		fuzz_assert(child_of(b->b)->slots[b->b_slot].kind == c->slots[b->a_slot].kind);
	}
	return MX_OK;
}

static void end(uint64_t handle, uint32_t cause, uint32_t status)
{
	struct child *c = child_of(handle);
	struct mx_child told = {
	        .child = (uint32_t)handle, .cause = (uint16_t)cause, .status = (uint16_t)status};

	if (!c->lives)
		return;
	c->lives = false;
	machine_boot.slots[c->own_slot].key |= MX_KEY_ENDED;
	machine_boot.slots[c->own_slot].tx = NULL;
	machine_child(&told);
}

static int64_t stat(struct mx_stat *s)
{
	fuzz_assert(s->core < machine_boot.cores);
	if (s->child && !child_of(s->child)->lives)
		return MX_EINVAL;
	s->pool = s->pool_free = 4096;
	s->memory = 64 << 20;
	s->memory_free = 40 << 20;
	return MX_OK;
}

int64_t side_spawn(uint64_t op, uint64_t a)
{
	switch (op) {
	case MX_SPAWN_CREATE:
		return create((const struct mx_spawn *)a);
	case MX_SPAWN_BIND:
		return bind((const struct mx_bind *)a);
	case MX_SPAWN_START:
		fuzz_assert(!child_of(a)->started);
		child_of(a)->started = child_of(a)->lives;
		return child_of(a)->lives ? MX_OK : MX_EINVAL;
	case MX_SPAWN_KILL:
		end(a, MX_CAUSE_KILLED, 0);
		return MX_OK;
	case MX_SPAWN_STAT:
		return stat((struct mx_stat *)a);
	case MX_SPAWN_POWER:
		mx_exit(0);
	default:
		return MX_OK;
	}
}

static void good_devices(void)
{
	memset(&facts, 0, sizeof(facts));
	facts.memory = 128 << 20;
	facts.devices_n = PORTS;
	for (uint32_t i = 0; i < PORTS; i++) {
		struct mx_device *d = &facts.devices[i];
		uint8_t *cap = d->config + 0x40;

		*d = (struct mx_device){.address = (uint16_t)(8 * (i + 2)),
		                        .vendor = 0x1af4,
		                        .device = 0x1041,
		                        .vectors = 20};
		d->config[6] = 0x10;
		d->config[0x34] = 0x40;
		memcpy(cap, "\x09\0\x14\x02\x04\0\0\0\0\x30\0\0\0\x10\0\0\x04\0\0\0", 20);
	}
}

/* The first events, as far as they are of these kinds. */
static void set_up(struct events *list)
{
	struct events rest = *list;
	struct event e;

	good_devices();
	strcpy(text, standard);
	facts.config_len = sizeof(standard) - 1;
	while (events_next(&rest, &e) && e.what >= EVENT_SIDE && e.what <= EVENT_SIDE + DEVICES) {
		*list = rest;
		if (e.what == EVENT_SIDE + CONFIG) {
			facts.config_len = e.n < sizeof(text) ? e.n : sizeof(text);
			memcpy(text, e.data, facts.config_len);
		}
		while (e.what == EVENT_SIDE + DEVICES && e.n) { /* device, where, value */
			struct mx_device *d = &facts.devices[event_take(&e, 1) % PORTS];
			uint32_t where = (uint32_t)event_take(&e, 1);

			d->config[where] = (uint8_t)event_take(&e, 1);
		}
	}
	facts.config = text;
}

static void build(void)
{
	static const char *const names[] = {"console", "virtio-net", "router",
	                                    "stack",   "httpd",      "iperf3"};
	char path[64] = "domains/";

	for (uint32_t i = 0; i < sizeof(names) / sizeof(*names) && !facts.memory; i++) {
		strcpy(path + 8, names[i]);
		strcat(path, ".elf");
		archive_add(bundle, &bundle_n, path, NULL, 200);
	}
	if (facts.memory)
		return;
	archive_end(bundle, &bundle_n);
	machine_frozen(bundle, (uint32_t)bundle_n);
}

static void start(struct events *list)
{
	machine_begin("init", 64, true);
	machine_exits = true; /* poweroff; and without a console nobody could be told anything */
	build();
	set_up(list);
	children_n = failures = 0;
	machine_boot.cores = 2;
	machine_boot.pools[2] = machine_boot.pools[1];
	machine_boot.pools[1] = (struct mx_pool){0};
	machine_boot.bundle =
	        (struct mx_region){mx_frame(machine_boot.pools[2].first), bundle_n, 0};
	machine_boot.machine = (struct mx_region){&facts, sizeof(facts), 0};
}

/* What a child says. */
static void say(uint32_t i, uint16_t op, uint64_t value)
{
	struct mx_control m = {.op = op, .value = value};

	if (children[i].lives && children[i].started)
		machine_plain_send(children[i].own_slot, &m);
}

static void type(struct event *e)
{
	struct mx_line piece = {0};

	piece.length = (uint8_t)(e->n < sizeof(piece.text) ? e->n : sizeof(piece.text));
	memcpy(piece.text, e->data, piece.length);
	if (machine_boot.slots[MX_CONSOLE].kind == MX_SLOT_PLAIN)
		machine_plain_send(MX_CONSOLE, &piece);
}

void side_event(uint32_t what, struct event *e)
{
	uint32_t i = (uint32_t)(e->n ? e->data[0] : 0);

	switch (what % KINDS) {
	case END: /* child, counted from the last; cause, status */
		event_take(e, 1);
		if (i < children_n)
			end(children_n - i, (uint32_t)event_take(e, 1), (uint32_t)event_take(e, 2));
		break;
	case FAIL:
		failures = (uint32_t)event_take(e, 1) % 16;
		error = -1 - (int)(event_take(e, 1) % 9);
		break;
	case READY:
		for (i = 0; i < children_n; i++)
			say(i, e->n ? (uint16_t)e->data[0] : MX_CTL_READY,
			    e->n > 1 ? e->data[1] : 0);
		break;
	case TYPE:
		type(e);
	}
}

void side_sent(uint32_t slot, const struct mx_msg *chain, uint32_t n)
{
	(void)slot;
	(void)chain;
	(void)n;
	fuzz_fail(__FILE__, __LINE__, "init has no frames to send");
}

bool side_end(uint32_t step)
{
	machine_pass(100 * MX_S);
	return step < 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct events list = {data, n};

	start(&list);
	machine_run(list.at, list.left);
	return 0;
}

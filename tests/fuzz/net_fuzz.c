/*
 * The NIC driver, all of it, between a device and a peer that may do anything.
 *
 * The device's registers, its configuration space and its used rings are written by the input, in
 * good order or not. The driver may end itself when the device cannot be; else every frame that it
 * holds stands in a ring, waits for one, or is kept ready. The first event, SETUP, says which of
 * the drivers of a port it is and what it finds.
 */
#include <linux/virtio_pci.h>
#include <string.h>
#include <moxie/control.h>
#include <moxie/driver.h>
#include <moxie/pair.h>
#include <moxie/packet.h>
#include <moxie/slots.h>
#include "drivers/net/virtio/driver.h"
#include "tests/fuzz/machine.h"

#define RING  64u
#define DEPTH 128u
#define PAIRS 3u
#define BAR   0x4000u
#define PAGES 8u

enum { SETUP, USED, INDEX, POKE, BARS, INTERRUPT, SEND, MESSAGE, KINDS };
enum { ALONE, LEAD, FOLLOWER, MODES };

static _Alignas(MX_PAGE) uint8_t bar[BAR];
static _Alignas(MX_PAGE) uint8_t dma[PAGES * MX_PAGE];
static uint8_t bytes[1 << 16];
static uint16_t taken[2]; /* of each avail ring */
static uint32_t vectors;  /* that the driver has, as a set */

static void put(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

/* A capability of virtio 1.x, 4.1.4. */
static void capability(uint8_t *config, uint32_t at, uint32_t next, uint32_t type, uint32_t offset)
{
	config[at] = 9; /* vendor specific */
	config[at + 1] = (uint8_t)next;
	config[at + 2] = type == VIRTIO_PCI_CAP_NOTIFY_CFG ? 20 : 16;
	config[at + 3] = (uint8_t)type;
	config[at + 4] = 4;
	put(config + at + 8, offset);
	put(config + at + 12, 0x1000);
	put(config + at + 16, type == VIRTIO_PCI_CAP_NOTIFY_CFG ? 4 : 0);
}

static void good_device(uint8_t *config)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};

	config[6] = 0x10;
	config[0x34] = 0x40;
	capability(config, 0x40, 0x60, VIRTIO_PCI_CAP_COMMON_CFG, 0);
	capability(config, 0x60, 0x80, VIRTIO_PCI_CAP_DEVICE_CFG, 0x2000);
	capability(config, 0x80, 0, VIRTIO_PCI_CAP_NOTIFY_CFG, 0x3000);
	memset(bar, 0, sizeof(bar));
	put(bar + VIRTIO_PCI_COMMON_DF, 0xffffffffu);
	bar[VIRTIO_PCI_COMMON_NUMQ] = 16;
	bar[VIRTIO_PCI_COMMON_Q_SIZE + 1] = 1; /* 256 */
	memcpy(bar + 0x2000, mac, sizeof(mac));
	bar[0x2006] = 1;                     /* link up */
	bar[0x2008] = PAIRS;                 /* pairs */
	bar[0x200a] = 0xdc, bar[0x200b] = 5; /* MTU 1500 */
}

/* mode, then changes: where (16 bits; from 0x8000 in the configuration space), value (8 bits) */
static uint32_t set_up(struct mx_driver_args *args, struct event *e)
{
	uint32_t mode = event_take(e, 1) % MODES;

	memset(args, 0, sizeof(*args));
	good_device(args->config);
	args->pair = mode == FOLLOWER;
	args->pairs = mode == ALONE ? 1 : PAIRS;
	args->bar = (struct mx_share){.bar = 4, .first = 3, .pages = 1};
	args->rx_size = args->tx_size = RING;
	while (e->n) {
		uint32_t where = (uint32_t)event_take(e, 2);
		uint8_t value = (uint8_t)event_take(e, 1);

		if (where & 0x8000)
			args->config[where & 0xff] = value;
		else
			bar[where % BAR] = value;
	}
	return mode;
}

static void start(struct event *e)
{
	struct mx_driver_args args;
	uint32_t mode;

	machine_begin("eth0", DEPTH + MX_DRIVER_FRAMES(RING, RING), false);
	machine_exits = true;
	memset(dma, 0, sizeof(dma));
	memset(taken, 0, sizeof(taken));
	mode = set_up(&args, e);
	vectors = mode == FOLLOWER ? 6 : 7;
	machine_args(&args, sizeof(args));
	machine_boot.bars[4] = (struct mx_region){bar, BAR, 0};
	machine_boot.dma = (struct mx_region){dma, sizeof(dma), 1u << 20};
	machine_plain(MX_PARENT, &mx_control_spec, mode != ALONE);
	machine_plain(MX_CONSOLE, &mx_line_spec, true);
	for (uint32_t k = 1; k < PAIRS && mode == LEAD; k++)
		machine_plain(MX_DRIVER_PAIR + k, &mx_pair_spec, true);
	if (mode == FOLLOWER)
		machine_plain(MX_DRIVER_LEAD, &mx_pair_spec, true);
	machine_owning(MX_DRIVER_PEER, DEPTH, false);
}

/* The used ring's entry and index as a device writes them. id 0xffff: the next of the avail ring.
 */
static void use(struct event *e)
{
	uint32_t which = event_take(e, 1) & 1, id = (uint32_t)event_take(e, 2),
	         n = event_take(e, 1) % 32;
	uint32_t length = (uint32_t)event_take(e, 4);
	struct queue *q = which ? &tx.q : &rx.q;

	for (uint32_t i = 0; i <= n && q->used; i++) {
		vring_used_elem_t *entry = &q->used->ring[q->used->idx & (q->size - 1)];
		bool next = id == 0xffff && taken[which] != q->avail->idx;

		if (id == 0xffff && !next)
			return;
		entry->id = next ? q->avail->ring[taken[which]++ & (q->size - 1)] : id + i;
		entry->len = length;
		q->used->idx++;
	}
}

static void send(struct event *e)
{
	uint32_t kind = (uint32_t)event_take(e, 1), n = (uint32_t)event_take(e, 2);
	uint32_t cut = 1 + (uint32_t)event_take(e, 1) * 16, offset = (uint32_t)event_take(e, 1);
	uint32_t body[5] = {0};

	if (cut > MX_PAGE - offset)
		cut = MX_PAGE - offset;
	machine_packet(MX_DRIVER_PEER, kind < 250 ? MX_RAW : (uint8_t)kind, body, bytes, n, offset,
	               cut);
}

static void message(struct event *e)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .kind = (uint8_t)event_take(e, 1)};
	uint32_t frozen = (uint32_t)event_take(e, 1), room;

	m.offset = (uint16_t)event_take(e, 2);
	m.length = (uint16_t)event_take(e, 2);
	if (frozen & 1) {
		m.frame = MACHINE_FRAMES + frozen / 2 % MACHINE_FROZEN;
		m.offset %= MX_PAGE;
		room = (MACHINE_FRAMES + MACHINE_FROZEN - m.frame) * MX_PAGE - m.offset;
		m.length = (uint16_t)(m.length < room ? m.length : room);
	}
	machine_message(MX_DRIVER_PEER, &m);
}

void side_event(uint32_t what, struct event *e)
{
	struct queue *q;
	uint32_t at;

	switch (what % KINDS) {
	case USED:
		use(e);
		break;
	case INDEX:
		q = event_take(e, 1) & 1 ? &tx.q : &rx.q;
		if (q->used)
			q->used->idx = (uint16_t)event_take(e, 2);
		break;
	case POKE: /* anywhere in the rings */
		at = event_take(e, 2) % sizeof(dma);
		memcpy(dma + at, e->data, e->n < sizeof(dma) - at ? e->n : sizeof(dma) - at);
		break;
	case BARS: /* anywhere in the registers */
		at = event_take(e, 2) % BAR;
		memcpy(bar + at, e->data, e->n < BAR - at ? e->n : BAR - at);
		break;
	case INTERRUPT:
		machine_notify((event_take(e, 1) & vectors) << MX_DRIVER_IRQ);
		break;
	case SEND:
		send(e);
		break;
	case MESSAGE:
		message(e);
	}
}

void side_sent(uint32_t slot, const struct mx_msg *chain, uint32_t n)
{
	fuzz_assert(slot == MX_DRIVER_PEER && n == 1);
	fuzz_assert(chain->kind == MX_RAW || chain->kind == MX_LINK);
	fuzz_assert((chain->kind == MX_RAW) == (chain->frame < MACHINE_FRAMES));
	fuzz_assert(chain->kind == MX_LINK || (chain->offset == 0 && chain->length <= MX_PAGE));
}

static uint32_t in_ring(const struct queue *q)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < q->size; i++)
		n += q->slots[i].frame < MACHINE_FRAMES;
	fuzz_assert(q->free_n <= q->size && q->chains <= q->size);
	return n;
}

static uint32_t parked(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < tx.park.waiting; i++)
		n += tx.park.entries[(tx.park.first + i) % MX_DRIVER_PARKED].frame < MACHINE_FRAMES;
	return n;
}

bool side_end(uint32_t step)
{
	machine_pass(MX_S);
	if (step < 2)
		return true;
	fuzz_assert(machine_kept() == in_ring(&rx.q) + in_ring(&tx.q) + parked());
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct events list = {data, n};
	struct event first = {.data = data};

	if (n && data[0] == EVENT_SIDE + SETUP)
		events_next(&list, &first);
	start(&first);
	machine_run(list.at, list.left);
	return 0;
}

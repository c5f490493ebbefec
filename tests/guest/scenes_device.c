/*
 * A device and its parts: who may have what of it, when, and what of it can be touched.
 *
 * The machine has one virtio NIC, device 0; nobody ever drives it. Its structures are found by the
 * capabilities in the copy of its configuration space (virtio 1.x 4.1.4; PCI 3.0, 6.8.2).
 */
#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>
#include "tests/guest/suite.h"

static const struct row idle = {.which = PROBE_WAIT, .options = UNBOUND};

/* Where a capability says that something lies. */
struct spot {
	uint32_t bar, offset;
};

static const struct mx_device *nic(void)
{
	const struct mx_machine *machine = mx_boot->machine.base;

	return machine->devices_n ? &machine->devices[0] : NULL;
}

static bool find(uint8_t kind, uint8_t structure, struct spot *spot)
{
	const uint8_t *config = nic()->config;
	uint32_t where;

	for (uint32_t at = config[PCI_CAPABILITY_LIST], i = 0; at && i < 48;
	     at = config[at + 1], i++) {
		if (config[at] != kind || (structure && config[at + 3] != structure))
			continue;
		memcpy(&where, config + at + (structure ? 8 : 4), sizeof where);
		*spot = (struct spot){config[at + 4], where};
		if (!structure)
			*spot = (struct spot){where & 7, where & ~7u};
		return true;
	}
	return false;
}

/* Slot 8 shall be an interrupt of vector `vector`. */
static bool spawn(struct probe *p, uint32_t core, const struct row *row,
                  const struct mx_share *share, uint32_t vector)
{
	static struct mx_spawn q;

	suite_request(&q, core, row);
	q.device = 0;
	q.slots[8] = (struct mx_slot_spec){.kind = MX_SLOT_IRQ, .depth = (uint16_t)vector};
	if (share)
		q.share = *share;
	return probe_create(p, &q, row);
}

static int64_t refused(uint32_t core, int32_t device, struct mx_share share, uint32_t vector)
{
	static struct mx_spawn q;

	suite_request(&q, core, &idle);
	q.device = device;
	q.share = share;
	q.slots[8] = (struct mx_slot_spec){.kind = MX_SLOT_IRQ, .depth = (uint16_t)vector};
	return suite_spawn(MX_SPAWN_CREATE, &q);
}

static int64_t start(const struct probe *p)
{
	return mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, p->handle, 0);
}

static const char *refuse_fields(uint32_t core, struct probe *owner)
{
	struct spot bells, table;
	uint32_t bar, page;

	NEED(nic() && find(PCI_CAP_ID_VNDR, VIRTIO_PCI_CAP_NOTIFY_CFG, &bells));
	NEED(find(PCI_CAP_ID_MSIX, 0, &table));
	bar = bells.bar;
	page = bells.offset / MX_PAGE;
	NEED(refused(core, 0, (struct mx_share){bar, page, 1}, 1) == MX_EPERM); /* no owner */
	NEED(spawn(owner, core, &idle, NULL, 0));
	NEED(refused(core, -1, (struct mx_share){bar, page, 1}, 1) == MX_EINVAL);
	NEED(refused(core, 0, (struct mx_share){MX_BARS, page, 1}, 1) == MX_EINVAL);
	NEED(refused(core, 0, (struct mx_share){UINT32_MAX, page, 1}, 1) == MX_EINVAL);
	NEED(refused(core, 0, (struct mx_share){5, 0, 1}, 1) == MX_EINVAL); /* it is empty */
	NEED(refused(core, 0, (struct mx_share){bar, page, 4096}, 1) == MX_EINVAL);
	NEED(refused(core, 0, (struct mx_share){bar, 4096, 1}, 1) == MX_EINVAL);
	NEED(refused(core, 0, (struct mx_share){bar, UINT32_MAX, UINT32_MAX}, 1) == MX_EINVAL);
	NEED(refused(core, 0, (struct mx_share){bar, page, UINT32_MAX}, 1) == MX_EINVAL);
	NEED(refused(core, 0, (struct mx_share){table.bar, table.offset / MX_PAGE, 1}, 1) ==
	     MX_EPERM);
	NEED(refused(core, 0, (struct mx_share){bar, page, 1}, nic()->vectors) == MX_EINVAL);
	return NULL;
}

static const char *scene_fields(uint32_t core)
{
	struct probe owner = {0};
	const char *why = refuse_fields(core, &owner), *late = probe_end(&owner);

	return why ? why : late;
}

/* Owner, then sharers: in this order, and each vector once. */
static const char *share_in_order(uint32_t core, struct probe *owner, struct probe *sharer)
{
	struct mx_share bell, none = {0, 0, 0};
	struct spot bells;

	NEED(find(PCI_CAP_ID_VNDR, VIRTIO_PCI_CAP_NOTIFY_CFG, &bells));
	bell = (struct mx_share){bells.bar, bells.offset / MX_PAGE, 1};
	NEED(spawn(owner, core, &idle, NULL, 0));
	NEED(refused(core, 0, none, 1) == MX_EPERM); /* it has an owner */
	NEED(refused(core, 0, bell, 0) == MX_EPERM); /* and that has the vector */
	NEED(spawn(sharer, mx_boot->cores - 1 - core, &idle, &bell, 1));
	NEED(refused(core, 0, bell, 1) == MX_EPERM);
	NEED(start(sharer) == MX_EPERM); /* before its owner */
	NEED(start(owner) == MX_OK);
	NEED(start(sharer) == MX_OK);
	NEED(!probe_end(owner));
	NEED(refused(core, 0, bell, 2) == MX_EPERM); /* nobody owns it */
	NEED(refused(core, 0, none, 0) == MX_EPERM); /* but it is known yet */
	NEED(!probe_end(sharer));
	NEED(spawn(owner, core, &idle, NULL, 0)); /* all have ended: it is free again */
	return NULL;
}

static const char *scene_order(uint32_t core)
{
	struct probe owner = {0}, sharer = {0};
	const char *why = share_in_order(core, &owner, &sharer), *late;

	late = probe_end(&sharer);
	why = why ? why : late;
	late = probe_end(&owner);
	return why ? why : late;
}

/* What a sharer of the doorbells' page can touch of BAR and offset in `row`. */
static const char *touch(uint32_t core, struct probe *owner, const struct row *row, bool shares)
{
	struct probe p = {0};
	struct mx_share bell;
	struct spot bells;
	const char *why = NULL, *late;

	NEED(find(PCI_CAP_ID_VNDR, VIRTIO_PCI_CAP_NOTIFY_CFG, &bells));
	bell = (struct mx_share){bells.bar, bells.offset / MX_PAGE, 1};
	if (shares) {
		NEED(spawn(owner, core, &idle, NULL, 0));
		NEED(start(owner) == MX_OK);
	}
	if (!spawn(&p, core, row, shares ? &bell : NULL, 1) || !probe_bind(&p, 0) ||
	    start(&p) != MX_OK)
		why = "it cannot be spawned";
	if (!why && !probe_wait(&p, mx_now() + CASE_LIMIT))
		why = "it hangs";
	late = probe_end(&p);
	return why ? why : late ? late : probe_judge(&p, row);
}

static const char *touch_spot(uint32_t core, struct spot at, bool shares, bool faults)
{
	struct row row = {.which = PROBE_BAR,
	                  .a = ACCESS_READ,
	                  .b = (uint64_t)at.bar << 32 | at.offset,
	                  .cause = faults ? MX_CAUSE_FAULT : MX_CAUSE_EXIT,
	                  .status = faults ? 14 : 0,
	                  .options = NO_WINDOW | UNBOUND};
	struct probe owner = {0};
	const char *why = touch(core, &owner, &row, shares), *late;

	if (!why && faults) { /* writing is no way either */
		late = probe_end(&owner);
		row.a = ACCESS_WRITE;
		why = late ? late : touch(core, &owner, &row, shares);
	}
	late = probe_end(&owner);
	return why ? why : late;
}

static const char *scene_touch(uint32_t core)
{
	struct spot bells, common, device, table;
	const char *why;

	NEED(nic() && find(PCI_CAP_ID_VNDR, VIRTIO_PCI_CAP_NOTIFY_CFG, &bells));
	NEED(find(PCI_CAP_ID_VNDR, VIRTIO_PCI_CAP_COMMON_CFG, &common));
	NEED(find(PCI_CAP_ID_VNDR, VIRTIO_PCI_CAP_DEVICE_CFG, &device));
	NEED(find(PCI_CAP_ID_MSIX, 0, &table));
	if ((why = touch_spot(core, common, false, false)) || /* the owner can */
	    (why = touch_spot(core, table, false, true)) ||   /* but for this */
	    (why = touch_spot(core, bells, true, false)) ||
	    (why = touch_spot(core, common, true, true)) ||
	    (why = touch_spot(core, device, true, true)) ||
	    (why = touch_spot(core, table, true, true)))
		return why;
	return NULL;
}

/* Only the owner can start the device, and no more once somebody who had a part of it has ended. */
static const char *share_and_stop(uint32_t core, struct probe *owner, struct probe *sharer)
{
	struct row own = {.which = PROBE_OWNER, .options = NO_WINDOW};
	struct row part = {.which = PROBE_SHARER, .options = NO_WINDOW | UNBOUND};
	uint64_t deadline = mx_now() + CASE_LIMIT;
	struct guest_word word = {0};
	struct spot common, bells;
	struct mx_share bell;
	struct mx_msg m;

	NEED(nic() && find(PCI_CAP_ID_VNDR, VIRTIO_PCI_CAP_NOTIFY_CFG, &bells));
	NEED(find(PCI_CAP_ID_VNDR, VIRTIO_PCI_CAP_COMMON_CFG, &common));
	bell = (struct mx_share){bells.bar, bells.offset / MX_PAGE, 1};
	own.b = (uint64_t)common.bar << 32 | (common.offset + VIRTIO_PCI_COMMON_NUMQ);
	NEED(spawn(owner, core, &own, NULL, 0));
	while (owner->told != 1 && !owner->ended && mx_now() < deadline)
		serve(&m, deadline);
	NEED(owner->told == 1);
	NEED(spawn(sharer, mx_boot->cores - 1 - core, &part, &bell, 1));
	NEED(start(sharer) == MX_OK);
	NEED(probe_wait(sharer, mx_now() + CASE_LIMIT));
	NEED(!probe_judge(sharer, &part));
	NEED(guest_word_try_send(&owner->plain, &word));
	NEED(probe_wait(owner, mx_now() + CASE_LIMIT));
	return probe_judge(owner, &own);
}

/* Twice: the second owner finds it as the first did. */
static const char *scene_stop(uint32_t core)
{
	for (uint32_t i = 0; i < 2; i++) {
		struct probe owner = {0}, sharer = {0};
		const char *why = share_and_stop(core, &owner, &sharer), *late;

		late = probe_end(&sharer);
		why = why ? why : late;
		late = probe_end(&owner);
		if (why || late)
			return why ? why : late;
	}
	return NULL;
}

const struct scene scenes_device[] = {{"parts of a device that nobody may have", scene_fields},
                                      {"a device's owner and its sharers", scene_order},
                                      {"what a sharer can touch of a device", scene_touch},
                                      {"a stopped device stays stopped", scene_stop},
                                      {.name = NULL}};

/*
 * The trap and message ABI: everything the executive and a domain agree on.
 *
 * Interface: trap numbers, error codes, the message, the exchange block, the boot page, the
 * spawn request, the ring layout and the limits.
 * Rules: sizes and offsets are fixed by the assertions below; a change of any of them, or of the
 * meaning of a field, raises MX_ABI_VERSION. docs/abi.md tells the same in prose.
 *
 * Words: a slot is an index into a domain's table of endpoints. A frame is a 4 KiB page that can
 * change owner; its number is the same in every domain and on every core.
 */
#ifndef MOXIE_ABI_H
#define MOXIE_ABI_H

#include <stdint.h>

#define MX_ABI_VERSION 6

/* Limits. */
#define MX_PAGE       4096u
#define MX_CORES_MAX  16u    /* cores of one machine */
#define MX_SLOTS      64u    /* endpoints of one domain; a set of them is one uint64_t */
#define MX_BATCH      128u   /* messages one exchange can submit, and can collect */
#define MX_CHAIN_MAX  20u    /* frames of one packet: 64 KiB, its headers and two partial frames */
#define MX_RING_BYTES 16384u /* address space of one plain ring; a ring never exceeds it */
#define MX_NAME       16u    /* bytes of a domain's name, NUL included */
#define MX_ARGS       1024u  /* bytes of a domain's arguments */
#define MX_POOLS      (MX_CORES_MAX + 1u)
#define MX_BARS       6u
#define MX_PORTS      16u /* ports of one appliance */

/*
 * Traps. x86-64: `syscall`, number in rax, arguments in rdi, rsi, rdx; the result comes back in
 * rax, negative results are errors. rcx, r11 and every caller-saved register are cleared, rbx,
 * rbp, r12-r15 and rsp kept; no vector or x87 state survives. The numbers start high so that
 * a libc function that issues a Linux system call gets MX_EINVAL and nothing else happens.
 * The primitive each trap belongs to stands behind it.
 */
enum mx_trap {
	MX_TRAP_EXIT = 0x4d00,     /* (status)        spawn: the domain ends; the parent is told */
	MX_TRAP_SPAWN = 0x4d01,    /* (op, arg, arg)  spawn: see enum mx_spawn_op */
	MX_TRAP_EXCHANGE = 0x4d02, /* ()           switch: the exchange block says what */
	MX_TRAP_NOTIFY =
	        0x4d03, /* (slot mask)    switch: wake the peers of plain slots, do not wait */
	MX_TRAP_MAP = 0x4d04, /* (frame, on)       switch: map or unmap a frame the domain holds */
	MX_TRAP_DEVICE = 0x4d05, /* ()                forward: the device, which the domain owns and
	                            has reset, may reach memory and interrupt */
};

/* Errors, as negative results and in mx_msg.status. */
enum mx_error {
	MX_OK = 0,
	MX_EINVAL = -1, /* no such trap, slot, kind or argument */
	MX_EOWNER = -2, /* the frame is not held by the caller, or is still queued, or twice here */
	MX_ECREDIT = -3, /* the channel has no room for the whole chain; try when credit returns */
	MX_EPEER = -4,   /* the slot is not bound, or its peer has ended; the device was stopped */
	MX_ECHAIN = -5,  /* a chain too long, cut by the end of the batch or mixing slots */
	MX_ERANGE = -6,  /* offset + length leaves the frame */
	MX_ENOMEM = -7,  /* the core has no memory left for it */
	MX_EPERM = -8,   /* not given to this domain at spawn */
	MX_EIMAGE = -9,  /* not an ELF image the executive loads */
	MX_EBUSY = -10,  /* not now: something of the same kind is under way; try again */
};

/* No frame: the entry is a bare message. */
#define MX_NOFRAME 0xffffffffu

/* mx_msg.flags */
#define MX_MORE 1u /* the next entry belongs to the same chain */

/*
 * mx_msg.kind: below MX_EVENT it belongs to the protocol of the channel. From MX_EVENT on it is
 * told by the executive alone; a domain that submits one gets MX_EINVAL.
 */
enum mx_event {
	MX_EVENT = 0xf0,
	MX_EVENT_RESET = 0xf0, /* slot was rebound: all before is void, the peer starts anew */
	MX_EVENT_GONE = 0xf1,  /* the peer of slot has ended */
	MX_EVENT_CHILD = 0xf2, /* a child ended; the body is a struct mx_child */
};

/* One message of an owning channel: at most one frame, plus 20 bytes for the protocol. */
struct mx_msg {
	uint32_t frame;  /* frame number or MX_NOFRAME; ownership moves with the message */
	uint16_t offset; /* first byte of data in the frame */
	uint16_t length; /* bytes of data; offset + length <= MX_PAGE, but those of a frozen frame
	                    may go on in the frozen frames that follow it */
	uint8_t slot;    /* sending: where to; receiving: where from (the reader's own slot) */
	uint8_t kind;
	uint8_t flags;
	int8_t status;    /* set by the executive on a refused entry: enum mx_error */
	uint32_t body[5]; /* the protocol's, see packet.h and socket.h */
};
_Static_assert(sizeof(struct mx_msg) == 32, "two messages per cache line");

/* body of MX_EVENT_CHILD. */
enum mx_cause {
	MX_CAUSE_EXIT,   /* status is what it passed to exit */
	MX_CAUSE_FAULT,  /* status is the processor's vector */
	MX_CAUSE_BUDGET, /* it ran longer than its budget without waiting */
	MX_CAUSE_KILLED, /* by its parent */
	MX_CAUSE_CORE,   /* its core was lost */
	MX_CAUSE_MISUSE, /* it did wrong too often; status: how often, see mx_spawn.misuse */
	MX_CAUSE_DEVICE, /* its device reached for what it may not; status: why, VT-d's number */
};
#define MX_DEVICE_READ                                                                             \
	0x10000u /* DEVICE, in mx_stat.code beside the PCI address: it was to read                 \
	          */
struct mx_child {
	uint32_t child; /* the handle that create returned */
	uint16_t cause; /* enum mx_cause */
	uint16_t status;
	uint32_t rip; /* the low halves; serial has the whole */
	uint32_t address;
	uint32_t frames; /* frames it still held, now home */
};
_Static_assert(sizeof(struct mx_child) == 20, "fits mx_msg.body");

/*
 * The exchange block: three pages of the domain, mapped for life, that MX_TRAP_EXCHANGE reads
 * and writes. The domain fills the request, the executive the reply, never both at once.
 *
 * An exchange 1. frees `free`, 2. submits `out` in order, whole chains or nothing, 3. notifies,
 * 4. takes up to `want` frames from the core's pool, 5. waits unless there is something to
 * report (input, pending slots, refused entries, frames it wanted, credit for a slot in
 * `thirst`) or the deadline has passed, 6. collects. The result is in_n, or an error, after which
 * nothing was done. Entries it refused stand at the start of `out`, in order, with their status;
 * their frames still belong to the caller. An entry of `free` that the caller does not hold is
 * counted and skipped. A waiting domain that has collected nothing yields to the others of its core
 * first.
 */
#define MX_NOW     0ull /* deadline: do not wait, only let the others run */
#define MX_FOREVER UINT64_MAX

struct mx_exchange {
	/* request: written by the domain */
	uint32_t out_n;    /* entries in out, <= MX_BATCH */
	uint32_t in_max;   /* most entries wanted: 0, or MX_CHAIN_MAX .. MX_BATCH */
	uint32_t free_n;   /* entries in free, <= MX_BATCH */
	uint32_t want;     /* frames wanted from the pool, <= MX_BATCH; asked anew each time */
	uint64_t deadline; /* ns of mx_now(), MX_NOW or MX_FOREVER */
	uint64_t notify;   /* plain slots whose peers are to be woken */
	uint64_t thirst;   /* owning slots whose regained credit ends the wait */
	uint64_t reserved;
	/* reply: written by the executive */
	uint32_t in_n;
	uint32_t refused_n;
	uint32_t got_n;   /* frames in got, already owned by the caller */
	uint32_t held;    /* frames the domain holds: collected and not given away */
	uint64_t pending; /* plain and interrupt slots notified since the last exchange */
	uint64_t now;     /* ns, when the exchange returned */
	uint64_t bad;     /* entries of free and out, and traps, that were wrong, since spawn */
	uint64_t reserved2;
	uint16_t credit[MX_SLOTS]; /* entries each owning slot takes now */
	uint32_t free[MX_BATCH];
	uint32_t got[MX_BATCH];
	_Alignas(MX_PAGE) struct mx_msg out[MX_BATCH];
	_Alignas(MX_PAGE) struct mx_msg in[MX_BATCH];
};
_Static_assert(sizeof(struct mx_exchange) == 3 * MX_PAGE, "the exchange block is three pages");

/*
 * A plain ring, in the memory of the domain that receives from it, mapped read-only there and
 * writable into the peer. Both words are written by the peer only:
 *   tail  slots the peer has filled (release; the receiver acquires it before it reads a slot)
 *   head  slots the peer has emptied of the ring that goes the other way (release; acquired
 *         before a slot is filled again). It is the credit of that other ring.
 *   thirst  1 when the peer found the ring full: it wants a notification after head moves
 * All three count freely and wrap; they are hostile input: see channel.h.
 */
struct mx_ring {
	_Alignas(64) uint32_t tail;
	uint32_t thirst;
	_Alignas(64) uint32_t head;
	_Alignas(64) uint8_t slots[]; /* depth slots, each the message's size rounded up to 64 */
};

/* What a slot is. */
enum mx_slot_kind {
	MX_SLOT_NONE,
	MX_SLOT_PLAIN,  /* a channel pair with rings in both domains */
	MX_SLOT_OWNING, /* a channel pair of frame messages, through exchange */
	MX_SLOT_IRQ,    /* an interrupt of the domain's device: a bit in mx_exchange.pending */
};
#define MX_SLOT_MAPPED 1u /* flag: frames that come in by this slot arrive mapped */

/*
 * The boot page: read-only, the whole of what a domain is told. Addresses are the domain's.
 */
#define MX_KEY_ENDED 0x80000000u /* the peer has ended: what it had sent can still be received */
struct mx_slot_info {
	uint8_t kind; /* enum mx_slot_kind */
	uint8_t flags;
	uint16_t depth; /* of each direction; a power of two */
	uint32_t type;  /* plain: the channel's type, see channel.h */
	uint32_t key;   /* plain: of the binding whose messages rx holds, never the same twice,
	                   and MX_KEY_ENDED; 0: of none yet, or rx was cleared for the next */
	uint32_t reserved;
	struct mx_ring *rx; /* plain: own ring, read-only */
	struct mx_ring *tx; /* plain: the peer's ring; NULL while not bound */
};
struct mx_pool {
	uint32_t first; /* number of the first frame */
	uint32_t count;
	uint64_t dma; /* bus address of the first frame; the others follow */
};
struct mx_region {
	void *base;    /* 0 when not given */
	uint64_t size; /* bytes */
	uint64_t bus;  /* bus address, for memory the device may reach */
};
/*
 * What the predecessor of this domain left: a copy, made at its end, of some pages of its image,
 * which was the same. Read-only, and not to be trusted: it may have ended over what stands there.
 */
struct mx_kept {
	uint64_t from;          /* offset in the image of the first byte */
	struct mx_region pages; /* size 0: there is none */
};
/* Bus addresses are made by an IOMMU: they are not those of memory, and reach what is given. */
#define MX_BOOT_IOMMU 1u
struct mx_boot {
	uint32_t version; /* MX_ABI_VERSION */
	uint32_t core;    /* where it was spawned, 0 .. cores - 1 */
	uint32_t cores;
	uint32_t quota; /* frames the domain may hold */
	uint32_t flags; /* MX_BOOT_* */
	uint32_t reserved;
	char name[MX_NAME];
	uint64_t tsc_base; /* ns = ((rdtsc - tsc_base) * tsc_mult) >> 32 */
	uint64_t tsc_mult;
	struct mx_exchange *exchange;
	uint8_t *window; /* frame f stands at window + f * MX_PAGE while it is mapped */
	int64_t (*gate)(int64_t nr, uint64_t a, uint64_t b, uint64_t c); /* 0: use `syscall` */
	struct mx_region heap;                                           /* zeroed, read-write */
	struct mx_region dma; /* zeroed, contiguous on the bus */
	struct mx_kept kept;
	struct mx_region bars[MX_BARS]; /* device registers, without the MSI-X table's pages */
	struct mx_region bundle;        /* only for a domain spawned with MX_SPAWN_ROOT */
	struct mx_region machine;       /* likewise: a struct mx_machine */
	struct mx_pool pools[MX_POOLS]; /* one a core, then at [cores] the frozen frames */
	struct mx_slot_info slots[MX_SLOTS];
	uint32_t args_len;
	uint8_t args[MX_ARGS];
};
_Static_assert(sizeof(struct mx_boot) <= MX_PAGE, "the boot page is one page");

/*
 * What the first domain is told of the machine, and may hand on.
 */
#define MX_DEVICES 32u
struct mx_device {
	uint16_t address; /* PCI bus << 8 | device << 3 | function */
	uint16_t vendor;  /* MX_HOST_VENDOR: no PCI function, see host.h */
	uint16_t device;
	uint16_t vectors;    /* MSI-X vectors, 0 when it has none */
	uint8_t config[256]; /* copy of its configuration space, BARs assigned */
};
enum mx_serial {
	MX_SERIAL_16550, /* at COM1, for who has MX_SPAWN_UART */
	MX_SERIAL_HOST,  /* descriptors 0 and 1 of the executive's process */
};
/* The first region in mx_boot.bars of who has MX_SPAWN_UART; 32 bits a pixel. Width 0: none. */
struct mx_screen_info {
	uint32_t width, height; /* pixels */
	uint32_t pitch;         /* bytes from one line to the next */
};
struct mx_machine {
	uint32_t devices_n;
	uint32_t config_len; /* bytes of the loader's configuration, 0 when there is none */
	const char *config;  /* mapped read-only; 0 when it was too large to map */
	uint64_t memory;     /* bytes of memory, all cores */
	uint32_t console;    /* enum mx_serial */
	struct mx_screen_info screen;
	struct mx_device devices[MX_DEVICES];
};

/*
 * MX_TRAP_SPAWN (op, argument, argument). Only for domains spawned with MX_SPAWN_PARENT or
 * MX_SPAWN_ROOT. A handle names a child for its whole life and is never used again.
 */
enum mx_spawn_op {
	MX_SPAWN_CREATE, /* (struct mx_spawn *, 0): handle or error; the child does not run yet */
	MX_SPAWN_BIND,   /* (struct mx_bind *, 0): join two slots of children, or of a child and
	                    the caller; a slot bound before is rebound, both ends see reset */
	MX_SPAWN_START,  /* (handle, 0) */
	MX_SPAWN_KILL,   /* (handle, 0): the lifecycle message follows */
	MX_SPAWN_STAT,   /* (struct mx_stat *, 0): what the executive of a core counts, of itself or
	                    of a child; its last figures when it has ended, until there are others
	                    in its record's place */
	MX_SPAWN_POWER,  /* (enum mx_power, 0): only MX_SPAWN_ROOT; does not return */
	MX_SPAWN_FORGET, /* (handle, 0): a child that has ended will have no heir */
	MX_SPAWN_CHILD,  /* (struct mx_offspring *, 0): one of the caller's children */
	MX_SPAWN_MOVE, /* (struct mx_move *, 0): a child that was started goes on on another core */
	MX_SPAWN_LATTICE, /* (struct mx_lattice *, 0): what the machine is and what lives where, see
	                     lattice.h; only MX_SPAWN_ROOT */
	MX_SPAWN_BREAK,   /* (core, or that | MX_BREAK_HANG, 0): its executive fails, as by a bug:
	                     only MX_SPAWN_ROOT, and for tests. MX_EPERM: where a core cannot be lost
	                     alone */
	MX_SPAWN_OPS,     /* so many there are */
};
#define MX_BREAK_HANG 0x100u
enum mx_power { MX_POWER_OFF, MX_POWER_RESET };

#define MX_SPAWN_WINDOW 1u /* may map frames; without it slots cannot be MX_SLOT_MAPPED */
#define MX_SPAWN_UART                                                                              \
	2u /* may reach the serial port's I/O ports and the screen; irq slot 0 is its interrupt */
#define MX_SPAWN_PARENT 4u /* may spawn */
#define MX_SPAWN_ROOT   8u /* the first domain: sees bundle and machine, ends the machine */

struct mx_slot_spec {
	uint8_t kind;   /* enum mx_slot_kind */
	uint8_t flags;  /* MX_SLOT_MAPPED */
	uint16_t depth; /* plain, owning: power of two, <= 1024; irq: the device's vector */
	uint32_t type;  /* plain: type word of the channel pair; both ends must agree */
	uint16_t size;  /* plain: bytes of a message, the same both ways, <= 1024 */
	uint16_t reserved;
};
/*
 * A part of a device: pages of one BAR, and the vectors that the child's slots name. Pages 0: the
 * child owns the device, with all of its registers. Only the owner lets the device reach memory
 * (MX_TRAP_DEVICE), so a sharer is created while its owner lives and started after it. The end of
 * any of them stops the device, since it may know memory of the one that ended: it reaches nobody
 * any more. It has a new owner only when all have ended, and still knows what it knew, until
 * that one has reset it.
 */
struct mx_share {
	uint32_t bar;
	uint32_t first; /* page of the BAR */
	uint32_t pages;
};
/*
 * What a domain leaves at its end: `pages` of its image, from page `first` on. It stays, and so
 * does the memory for it, until a successor is created as its heir or the parent forgets it. The
 * heir has the same parent, core, image and pages; it sees them by mx_boot.kept. Nobody is heir
 * twice: who has one leaves no more. A child that was never started leaves what it was heir to.
 */
#define MX_KEEP_MAX 1024u /* pages */
struct mx_keep {
	uint32_t first;
	uint32_t pages; /* 0: nothing */
	uint32_t heir;  /* to this child, whose MX_EVENT_CHILD was collected; 0: to nobody */
};
struct mx_spawn {
	char name[MX_NAME];
	uint32_t core;
	uint32_t flags; /* MX_SPAWN_* */
	uint64_t image; /* offset of the ELF image in the bundle */
	uint64_t image_len;
	uint32_t stack;  /* pages */
	uint32_t heap;   /* pages */
	uint32_t dma;    /* pages, contiguous */
	uint32_t quota;  /* frames it may hold, the depth of its inbound owning slots included */
	uint32_t budget; /* ms it may run without waiting; 0: 100 ms */
	uint32_t misuse; /* entries and traps refused for good (mx_exchange.bad) that it may have,
	                    UINT32_MAX: any number; 0: 1000. With one more it ends */
	int32_t device;  /* index in mx_machine.devices, or -1 */
	struct mx_share share;
	struct mx_keep keep;
	struct mx_slot_spec slots[MX_SLOTS];
	uint32_t args_len;
	uint8_t args[MX_ARGS];
};
_Static_assert(sizeof(struct mx_spawn) <= MX_PAGE, "a spawn request travels in one page");

/*
 * A child moves while its channels go on: no message is lost, doubled or reordered, a peer sees a
 * channel without credit for a moment. The child is not told. Its memory stays where it is, or is
 * copied to the share of the new core. MX_EPERM: it cannot be moved (it may spawn; or it is to be
 * copied and has memory for a device; or the executive keeps domains at fixed addresses). MX_EPEER:
 * it has ended. MX_ENOMEM: the new core has no room. MX_EBUSY: another move or bind is under way.
 * The caller waits until it runs there.
 */
#define MX_MOVE_COPY 1u
struct mx_move {
	uint32_t child; /* handle */
	uint32_t core;
	uint32_t flags; /* MX_MOVE_* */
	uint32_t reserved;
	uint64_t pause_ns; /* told: how long it could not run */
};

#define MX_SELF 0u /* in mx_bind: the caller itself */
struct mx_bind {
	uint32_t a; /* handle */
	uint32_t a_slot;
	uint32_t b; /* handle or MX_SELF */
	uint32_t b_slot;
};
/*
 * Children whose end was not told yet, counted from 0 in no order that lasts. The first domain may
 * have had a predecessor, whose children are its own now.
 */
struct mx_offspring {
	uint32_t index;  /* asked */
	uint32_t handle; /* 0: there are not so many */
	uint32_t core;
	int32_t device; /* as in struct mx_spawn */
	uint32_t started;
	uint32_t heap; /* pages */
	char name[MX_NAME];
	uint16_t depths[MX_SLOTS];
};
struct mx_stat {
	uint32_t core;      /* asked */
	uint32_t child;     /* asked: 0 for the core, else a handle on that core */
	uint32_t pool;      /* frames of the core's own pool */
	uint32_t pool_free; /* of these at home */
	uint32_t held;      /* child: frames held and queued; core: those of lost cores' pools that
	                       are held here */
	uint32_t domains;   /* core: domains that live here */
	uint64_t memory;    /* core: bytes given to it */
	uint64_t memory_free;
	uint64_t switches; /* core: domain switches */
	uint64_t idle_ns;  /* core: time halted */
	uint64_t bad;      /* child: see mx_exchange.bad */
	uint64_t ran_ns;   /* child: time it has run; the executive's own is not in it */
	uint64_t lived_ns; /* child: time since it was created, until its end */
	uint64_t refused;  /* child: entries refused for want of credit or a peer */
	/* child that has ended: how */
	uint32_t ended; /* 1: it has */
	uint16_t cause; /* see struct mx_child */
	uint16_t status;
	uint64_t rip;
	uint64_t address;
	uint32_t code;        /* FAULT: the processor's error code; DEVICE: whose, MX_DEVICE_READ */
	uint32_t quarantined; /* core: frames of lost cores' pools that came back here, and stay */
};

#endif

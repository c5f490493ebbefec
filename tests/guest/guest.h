/*
 * What the suite and its probes agree on.
 *
 * The suite takes the place of the first domain in a bundle of its own. Each case spawns one
 * probe or more, which the arguments tell what to try; a probe that finds everything as it should
 * be exits with 0, else with the line of the check that failed.
 */
#ifndef GUEST_GUEST_H
#define GUEST_GUEST_H

#include <moxie/channel.h>
#include <moxie/domain.h>

/* Slots of a probe. */
enum { SLOT_OWN = 2, SLOT_PLAIN = 3, SLOT_SIDE = 4, SLOT_SELF = 5 };
#define OWN_DEPTH  32u
#define SIDE_DEPTH 8u
#define DEEPEST    1024u
#define QUOTA      128u /* of a probe, unless the case says otherwise */
/* Slots of the suite: SLOT_OWN and SLOT_PLAIN, and for a second probe: */
enum { SLOT_CONSOLE = 1, SLOT_OWN2 = 5, SLOT_PLAIN2 = 6 };

struct guest_word {
	uint64_t seq;
	uint64_t more[7];
};
MX_CHANNEL(guest_word, 0x77, struct guest_word, 64);

/* What a probe is to try. Behind each: what it does with `a` and `b`. */
enum probe_case {
	/* probe_memory.c */
	PROBE_USE_SENT,     /* a: write or read; b: frees so many instead */
	PROBE_USE_EARLY,    /* reads the frame the first message names before it was collected */
	PROBE_USE_FRAME,    /* of number a, which it does not hold; b: write or read */
	PROBE_USE_RECEIVED, /* reads the frame of the first message */
	PROBE_USE_FROZEN,   /* b: write or read */
	PROBE_FROZEN_SENT,  /* sends a frozen frame and reads it afterwards */
	PROBE_ADDRESS,      /* b: the address, a: access */
	PROBE_BAR,          /* b: number of the BAR << 32 | offset, a: access */
	PROBE_OWN_MEMORY,   /* a: what, see enum own_memory */
	PROBE_STACK,        /* calls itself for ever */
	/* probe_cpu.c */
	PROBE_INSTRUCTION, /* a: which, see enum instruction */
	PROBE_INTERRUPT,   /* a: int a */
	PROBE_DIRTY,       /* leaves a pattern in every register, again and again */
	PROBE_CLEAN,       /* looks for it */
	PROBE_SPIN,
	/* probe_trap.c */
	PROBE_TRAPS, /* numbers that are none */
	PROBE_SPAWN_DENIED,
	PROBE_MAP,
	PROBE_MAP_DENIED,
	PROBE_EXIT,      /* a: status */
	PROBE_EXIT_LATE, /* after a exchanges and b ns */
	PROBE_WAIT,      /* until it is killed */
	PROBE_NOTIFIER,  /* notifies all slots again and again, until it is killed */
	PROBE_PARENT, /* without a window, binds a child's mapped slot to itself; a, b: the image */
	PROBE_WRONG,  /* does a, see enum wrong, b times */
	PROBE_SPAWNER, /* creates, starts and kills children again and again; a: the image, b: its
	                  length << 8 | core */
	PROBE_BAD_COUNTS,
	/* probe_frames.c */
	PROBE_SEND_TWICE,
	PROBE_SEND_LATER,
	PROBE_SEND_FOREIGN, /* a: a frame of the suite */
	PROBE_CHAIN_LOOP,
	PROBE_CHAIN_BAD,
	PROBE_SEND_RANGE,
	PROBE_SEND_FROZEN, /* runs of frozen frames */
	PROBE_SEND_KIND,
	PROBE_SEND_SLOT,
	PROBE_CREDIT,
	PROBE_FREE_BAD, /* a: a frame of the suite */
	PROBE_QUOTA,
	PROBE_STREAM_FRAMES, /* sends back, with b added, what comes, until a bare message */
	PROBE_HOARD,   /* keeps what comes until a plain message, then frees a of it, 0: all, with
	                  the exchange that waits for more */
	PROBE_DRAIN,   /* takes every frame of the pool; frees them at a plain message */
	PROBE_THIRSTY, /* wants one frame, and says when it has it */
	PROBE_FLOOD,   /* sends bare messages while it has credit; exits with their number */
	/* probe_plain.c */
	PROBE_LIE,    /* a: seed */
	PROBE_STREAM, /* a: messages each way */
	PROBE_NOTIFY, /* a: rounds, b: seed */
	/* probe_keep.c */
	PROBE_KEEP,        /* leaves a, and must find b; 0: must be shown nothing */
	PROBE_KEEP_WRITE,  /* writes to what its predecessor left */
	PROBE_KEEP_PARENT, /* a: enum keep_parent, b: its children's core */
	/* probe_device.c; b: number of the BAR << 32 | offset of a register that is not 0 */
	PROBE_OWNER,  /* starts its device; when told to, finds that it was stopped */
	PROBE_SHARER, /* may not start it */
	/* probe_move.c */
	PROBE_TALK,   /* words both ways with its peer, until either is told to stop */
	PROBE_TRIPS,  /* frames to an echo and back, until it is told to stop; a: of a chain */
	PROBE_ECHO,   /* of the former */
	PROBE_MOVER,  /* has a child that is moved again and again; a: the image, b: its length */
	PROBE_HALTED, /* ends as soon as it may not send to itself: it is to be moved */
	PROBE_CASES
};

enum wrong {
	WRONG_TRAP,
	WRONG_SPAWN,
	WRONG_MAP,
	WRONG_COUNT,
	WRONG_FREE,
	WRONG_ENTRY,
	WRONG_KINDS
};

enum access_kind { ACCESS_READ, ACCESS_WRITE, ACCESS_JUMP };

enum own_memory {
	OWN_BOOT, /* writes */
	OWN_RING,
	OWN_TEXT,
	OWN_DATA, /* jumps */
	OWN_STACK,
	OWN_HEAP,
	OWN_EXCHANGE,
	OWN_FRAME,
};

enum instruction {
	I_CLI,
	I_STI,
	I_HLT,
	I_READ_CR0,
	I_WRITE_CR3,
	I_WRITE_CR4,
	I_WRITE_DR7,
	I_RDMSR,
	I_WRMSR,
	I_IN,
	I_OUT,
	I_OUT_UART,
	I_INVLPG,
	I_LGDT,
	I_LIDT,
	I_LTR,
	I_CLTS,
	I_SWAPGS,
	I_WBINVD,
	I_SYSRET,
	I_IRET_KERNEL,
	I_SYSENTER,
	I_INT3,
	I_UD2,
	I_XGETBV,
	I_AVX,
	I_DIVIDE,
	I_ALIGNED,
	I_X87,
	I_STEP,
	I_ICEBP,
	I_FAR_CALL,
	I_VMMCALL,
	I_RDPMC,
	I_WRGSBASE,
	I_XSETBV,
	I_MWAIT,
	I_OUTS,
	I_NONCANONICAL,
	I_RPL0_STACK,
};

/* In what state its child is when it ends. */
enum keep_parent { KEEPS_CREATED, KEEPS_ALIVE, KEEPS_ENDED, KEEPS_LEFT, KEEPS_HEIR, KEEPS_MANY };

struct guest_args {
	uint32_t which; /* enum probe_case */
	uint32_t a;
	uint64_t b;
};

#endif

/*
 * A record of the lattice: one thing of the machine, or the cost between two.
 *
 * Interface: struct mx_record with its kinds, levels and places; iskra/iskra.h keeps and asks them.
 * Rules: a record is 64 bytes, and its index stays while it lives, so records refer to each other
 * by index. It crosses the ABI as it is. A core is what runs an executive: a hardware thread;
 * what such threads share is a physical core.
 */
#ifndef MOXIE_LATTICE_H
#define MOXIE_LATTICE_H

#include <stdint.h>
#include <moxie/abi.h>

#define MX_NOTHING 0xffffffffu /* no record */

enum mx_kind {
	MX_KIND_NONE,      /* a free index */
	MX_KIND_NODE,      /* id: its number, dense; memory and cores at one place (SRAT) */
	MX_KIND_PACKAGE,   /* id: number of the socket */
	MX_KIND_CACHE,     /* id: running number */
	MX_KIND_PHYSICAL,  /* id: running number of the physical core */
	MX_KIND_CORE,      /* id: the executive's number */
	MX_KIND_MEMORY,    /* id: running number of the range */
	MX_KIND_PCI,       /* id: segment << 16 | bus << 8 | device << 3 | function */
	MX_KIND_INTERRUPT, /* id: the filler's; vectors of a PCI function */
	MX_KIND_PATH,      /* id: see mx_path_id; the cost between two */
	MX_KIND_DOMAIN,    /* id: unique while it lives, never used again soon */
	MX_KINDS,
};

/*
 * Levels of the hierarchy, from the inside out. Of two cores: the innermost thing they share
 * (MX_LEVEL_CORE: they are the same). Of a record: how much of its place means something.
 */
enum mx_level {
	MX_LEVEL_CORE,
	MX_LEVEL_PHYSICAL, /* L1 caches too */
	MX_LEVEL_L2,
	MX_LEVEL_L3,
	MX_LEVEL_PACKAGE,
	MX_LEVEL_NODE,    /* memory, PCI functions */
	MX_LEVEL_MACHINE, /* anywhere: it is not known, or spans nodes */
	MX_LEVELS,
};

/*
 * A place is the way to a thing from the outside in, so that everything inside another is one
 * run of places. node: the node's id. Each other number tells apart what lies in the same thing one
 * level further out. Where the machine has no such level (no L3, say), each inner thing has its
 * own. Fields inside the record's level are 0. A cache or package that spans nodes is of level
 * MACHINE.
 */
static inline uint64_t mx_place(uint32_t node, uint32_t package, uint32_t l3, uint32_t l2,
                                uint32_t physical, uint32_t thread)
{
	return (uint64_t)(node & 0xfff) << 52 | (uint64_t)(package & 0x3ff) << 42 |
	       (uint64_t)(l3 & 0x3ff) << 32 | (uint64_t)(l2 & 0x3ff) << 22 |
	       (uint64_t)(physical & 0xfff) << 10 | (thread & 0x3ff);
}

/* The bits of a place inside a level. */
static inline uint64_t mx_place_inside(uint32_t level)
{
	static const uint8_t bits[MX_LEVELS] = {0, 10, 22, 32, 42, 52, 64};

	return level < MX_LEVEL_MACHINE ? (1ull << bits[level]) - 1 : ~0ull;
}

static inline uint32_t mx_place_node(uint64_t place)
{
	return (uint32_t)(place >> 52);
}

/* The innermost level that two places share: by the highest bit in which they differ, a lookup and
 * no branches, which nobody could predict. */
static inline uint32_t mx_place_shared(uint64_t a, uint64_t b)
{
	static const uint8_t levels[65] = {
	        [0] = MX_LEVEL_CORE,
	        [1 ... 10] = MX_LEVEL_PHYSICAL,
	        [11 ... 22] = MX_LEVEL_L2,
	        [23 ... 32] = MX_LEVEL_L3,
	        [33 ... 42] = MX_LEVEL_PACKAGE,
	        [43 ... 52] = MX_LEVEL_NODE,
	        [53 ... 64] = MX_LEVEL_MACHINE,
	};

	return levels[a == b ? 0 : 64 - __builtin_clzll(a ^ b)];
}

/* A path is between two cores (measured, ns), two nodes (a distance as in the SLIT: 10 is local),
 * or stands for all cores that share a level and are not measured (ns; from is the level, to 0). */
enum mx_path_of { MX_PATH_CORES, MX_PATH_NODES, MX_PATH_LEVEL };

static inline uint32_t mx_path_id(enum mx_path_of of, uint32_t from, uint32_t to)
{
	return (uint32_t)of << 30 | (from & 0x7fff) << 15 | (to & 0x7fff);
}

/* mx_record.flags */
#define MX_RECORD_LOST     1u /* CORE: its executive is no more; MEMORY: in quarantine with it */
#define MX_RECORD_MEASURED 2u /* PATH: by messages at boot; without it: told by the firmware */

struct mx_record {
	uint64_t place;  /* where it is */
	uint8_t kind;    /* enum mx_kind */
	uint8_t level;   /* enum mx_level: what it is the size of */
	uint16_t flags;  /* MX_RECORD_* */
	uint32_t id;     /* one record of a kind has it */
	uint32_t owner;  /* index, or MX_NOTHING. DOMAIN, MEMORY, INTERRUPT: the core it is on; PCI:
	                    the  domain that drives it; PATH between cores: the core it is from */
	uint32_t cost;   /* PATH: see mx_path_of; others: ns to reach it, 0 when it is not known */
	uint32_t parent; /* cross-links, written by the store: what it is a part of, */
	uint32_t child;  /* its first part, */
	uint32_t
	        next; /* the next part of the same, in order of index, MX_NOTHING after the last, */
	uint32_t before; /* and the one before; of the first: the last */
	union {
		struct {
			uint32_t hardware_id; /* LAPIC id */
			uint16_t package;
			uint16_t load;  /* of 1000: how much of its time is used */
			uint64_t total; /* bytes of its share of the memory */
			uint64_t free;  /* bytes of it that a new domain could have */
		} core;
		struct {
			uint64_t size; /* bytes */
			uint16_t ways; /* 0: fully associative */
			uint16_t line; /* bytes */
			uint8_t depth; /* 1: L1 */
			uint8_t type;  /* CPUID 4: 1 data, 2 instructions, 3 both; 4: before memory
			                  (HMAT) */
			uint16_t shared; /* by so many cores */
		} cache;
		struct {
			uint64_t base; /* physical */
			uint64_t size; /* bytes */
		} memory;
		struct {
			uint64_t size;   /* bytes of memory */
			uint32_t domain; /* proximity domain, as the firmware numbers it */
			uint32_t cores;
		} node;
		struct {
			uint16_t vendor, device;
			uint32_t class;   /* class << 16 | subclass << 8 | interface */
			uint16_t vectors; /* MSI-X; 0: none */
			uint16_t machine; /* index in mx_machine.devices, 0xffff: not there */
		} pci;
		struct {
			uint32_t vector;
			uint32_t hardware_id; /* of the LAPIC it goes to */
			uint16_t count;       /* of vectors */
			uint8_t msi;          /* else it is a line of an I/O APIC */
		} interrupt;
		struct {
			uint32_t from, to;  /* numbers, not indices */
			uint32_t latency;   /* HMAT: reading, ps; 0: not told */
			uint32_t bandwidth; /* HMAT: reading, MB/s; 0: not told */
			uint8_t of;         /* enum mx_path_of */
		} path;
		struct {
			char name[MX_NAME];
			uint16_t want; /* of 1000: the share of a core it is expected to use */
			uint16_t generation;
			uint32_t handle; /* what its parent knows it by */
		} domain;
		uint8_t bytes[24];
	} u;
};
_Static_assert(sizeof(struct mx_record) == 64, "a record is one cache line");

/*
 * What MX_SPAWN_LATTICE copies: records of indices from, from + 1, and so on; a free index has kind
 * MX_KIND_NONE. The version is another one after each change, so that a copy that takes several
 * traps is of one moment when all said the same.
 */
#define MX_LATTICE_MOST 64u /* records in one trap */
struct mx_lattice {
	uint64_t version; /* out */
	uint32_t from;    /* asked: the first index */
	uint32_t n;       /* asked: how many, at most MX_LATTICE_MOST; out: how many came */
	uint32_t most;    /* out: all indices are below */
	uint32_t reserved;
	struct mx_record *records; /* where they go */
};

/* To fill in further: a record that belongs to nothing. 0 as an index would be a record. */
static inline struct mx_record mx_record(enum mx_kind kind, uint32_t id, enum mx_level level,
                                         uint64_t place)
{
	return (struct mx_record){.place = place & ~mx_place_inside(level),
	                          .kind = (uint8_t)kind,
	                          .level = (uint8_t)level,
	                          .id = id,
	                          .owner = MX_NOTHING,
	                          .parent = MX_NOTHING,
	                          .child = MX_NOTHING,
	                          .next = MX_NOTHING,
	                          .before = MX_NOTHING};
}

static inline struct mx_record mx_path(enum mx_path_of of, uint32_t from, uint32_t to,
                                       uint32_t cost)
{
	struct mx_record r = mx_record(MX_KIND_PATH, mx_path_id(of, from, to), MX_LEVEL_MACHINE, 0);

	r.cost = cost;
	r.u.path.of = (uint8_t)of;
	r.u.path.from = from;
	r.u.path.to = to;
	return r;
}

#endif

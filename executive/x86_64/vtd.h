/*
 * Registers and formats of an IOMMU by Intel's VT-d specification (3.x; sections in brackets).
 */
#ifndef X86_64_VTD_H
#define X86_64_VTD_H

/* Registers [11.4]. */
enum {
	VTD_CAP = 0x08,
	VTD_ECAP = 0x10,
	VTD_COMMAND = 0x18,
	VTD_STATUS = 0x1c,
	VTD_ROOT = 0x20,
	VTD_FAULTS = 0x34,
	VTD_FAULT_CONTROL = 0x38,
	VTD_FAULT_DATA = 0x3c,
	VTD_FAULT_ADDRESS = 0x40,
	VTD_FAULT_UPPER = 0x44,
	VTD_QUEUE_TAIL = 0x88,
	VTD_QUEUE = 0x90,
	VTD_INTERRUPTS = 0xb8,
};

#define CAP_DOMAINS(c)  (16u << (2 * ((c)&7))) /* numbers of address spaces */
#define CAP_FLUSH_WRITE (1ull << 4)            /* RWBF */
#define CAP_3_LEVELS    (1ull << 9)
#define CAP_4_LEVELS    (1ull << 10)
#define CAP_WIDTH(c)    (((c) >> 16 & 0x3f) + 1) /* bits of an address */
#define CAP_FAULTS(c)   (((c) >> 24 & 0x3ff) * 16)
#define CAP_LARGE       (1ull << 34) /* pages of 2 MiB */
#define CAP_FAULTS_N(c) ((uint32_t)((c) >> 40 & 0xff) + 1)
#define CAP_DRAIN_WRITE (1ull << 54)
#define CAP_DRAIN_READ  (1ull << 55)
#define ECAP_COHERENT   (1ull << 0) /* it reads tables out of the caches */
#define ECAP_QUEUE      (1ull << 1)
#define ECAP_REMAP      (1ull << 3)
#define ECAP_X2APIC     (1ull << 4)

/* VTD_COMMAND, and the same bits of VTD_STATUS [11.4.4]. */
#define DO_TRANSLATE  (1u << 31)
#define DO_ROOT       (1u << 30)
#define DO_FLUSH      (1u << 27)
#define DO_QUEUE      (1u << 26)
#define DO_REMAP      (1u << 25)
#define DO_INTERRUPTS (1u << 24)
#define DO_COMPATIBLE (1u << 23)  /* let interrupts pass that are not remapped */
#define STATE_BITS    0x96ffffffu /* of VTD_STATUS: all but those of single commands */
#define INTERRUPTS_X2 (1u << 11)

/* Faults [11.4.7.1, 11.4.7.2, 11.4.7.6]. */
#define FAULTS_OVERFLOW 1u
#define FAULT_MASK      (1u << 31)   /* VTD_FAULT_CONTROL: no interrupt */
#define FAULT_SET       (1ull << 63) /* of a record's upper half */
#define FAULT_READ      (1ull << 62)
#define FAULT_REASON(r) ((uint32_t)((r) >> 32) & 0xff)
#define FAULT_SOURCE(r) ((uint16_t)(r))

/* Descriptors of the invalidation queue [6.5.2]. */
#define QUEUE_SLOTS        256u
#define QUEUE_CONTEXT      0x11ull /* all contexts */
#define QUEUE_TABLES       0x12ull /* all translations */
#define QUEUE_INTERRUPTS   0x04ull /* all entries */
#define QUEUE_WAIT         0x25ull /* write the word behind 32 bits to the address that follows */
#define TABLES_DRAIN_WRITE (1ull << 6)
#define TABLES_DRAIN_READ  (1ull << 7)

/* Tables of addresses [9.1, 9.3, 9.8]. */
#define VTD_PRESENT       1ull /* of root and context */
#define VTD_READ          1ull
#define VTD_WRITE         2ull
#define VTD_LARGE         (1ull << 7)
#define CONTEXT_3_LEVELS  1ull
#define CONTEXT_4_LEVELS  2ull
#define CONTEXT_DOMAIN(n) ((uint64_t)(n) << 8)

#endif

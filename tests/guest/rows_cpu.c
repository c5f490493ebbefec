/* The processor: privileged instructions and exceptions end the domain, traps without sense do not.
 */
#include "tests/guest/suite.h"

#define BAD(text, i, v)                                                                            \
	{                                                                                          \
		.name = (text), .which = PROBE_INSTRUCTION, .cause = MX_CAUSE_FAULT,               \
		.status = (v), .a = (i), .options = MACHINE                                        \
	}
/* Ends a process's thread likewise. */
#define BAD_ANYWHERE(text, i, v)                                                                   \
	{                                                                                          \
		.name = (text), .which = PROBE_INSTRUCTION, .cause = MX_CAUSE_FAULT,               \
		.status = (v), .a = (i)                                                            \
	}

const struct row rows_cpu[] = {
        BAD_ANYWHERE("cli", I_CLI, 13),
        BAD("sti", I_STI, 13),
        BAD_ANYWHERE("hlt", I_HLT, 13),
        BAD("read cr0", I_READ_CR0, 13),
        BAD("write cr3", I_WRITE_CR3, 13),
        BAD("write cr4", I_WRITE_CR4, 13),
        BAD("write dr7", I_WRITE_DR7, 13),
        BAD("rdmsr", I_RDMSR, 13),
        BAD("wrmsr", I_WRMSR, 13),
        BAD_ANYWHERE("in", I_IN, 13),
        BAD_ANYWHERE("out", I_OUT, 13),
        BAD("out to the serial port", I_OUT_UART, 13),
        BAD("invlpg", I_INVLPG, 13),
        BAD("lgdt", I_LGDT, 13),
        BAD("lidt", I_LIDT, 13),
        BAD("ltr", I_LTR, 13),
        BAD("clts", I_CLTS, 13),
        BAD("swapgs", I_SWAPGS, 13),
        BAD("wbinvd", I_WBINVD, 13),
        BAD("sysret", I_SYSRET, 13),
        BAD("iret to ring 0", I_IRET_KERNEL, ANY_VECTOR),
        BAD("sysenter", I_SYSENTER, ANY_VECTOR),
        BAD("int3", I_INT3, 13),
        BAD_ANYWHERE("ud2", I_UD2, 6),
        BAD("xgetbv", I_XGETBV, 6),
        BAD("avx", I_AVX, 6),
        BAD_ANYWHERE("divide by zero", I_DIVIDE, 0),
        BAD_ANYWHERE("unaligned SSE", I_ALIGNED, 13),
        BAD_ANYWHERE("x87 exception", I_X87, 16),
        BAD("single step", I_STEP, 1),
        BAD("icebp", I_ICEBP, ANY_VECTOR),
        BAD("far call to ring 0", I_FAR_CALL, 13),
        BAD("vmmcall", I_VMMCALL, ANY_VECTOR),
        BAD("rdpmc", I_RDPMC, 13),
        BAD("wrgsbase", I_WRGSBASE, 6),
        BAD("xsetbv", I_XSETBV, ANY_VECTOR),
        BAD("monitor and mwait", I_MWAIT, ANY_VECTOR),
        BAD("outs", I_OUTS, 13),
        BAD_ANYWHERE("jump to no address", I_NONCANONICAL, 13),
        BAD("a stack segment of ring 0", I_RPL0_STACK, 13),
        {"numbers that are no trap", PROBE_TRAPS, WELL},
        {"spawn traps by a domain that may not", PROBE_SPAWN_DENIED, WELL},
        {"map and unmap, then touch", PROBE_MAP, MX_CAUSE_FAULT, 14, .options = FOREIGN,
         .where = TOLD},
        {"map without a window", PROBE_MAP_DENIED, WELL, .options = NO_WINDOW},
        {"counts beyond the batch", PROBE_BAD_COUNTS, WELL},
        {"exit status", PROBE_EXIT, MX_CAUSE_EXIT, 41, .a = 41},
        {"exit status, large", PROBE_EXIT, MX_CAUSE_EXIT, 0xfedc, .a = 0xfedc},
        {"never waiting", PROBE_SPIN, MX_CAUSE_BUDGET, 20, .budget = 20},
        {.name = NULL}};

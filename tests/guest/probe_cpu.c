/*
 * What a domain may not do with the processor, and what it may not leave in it.
 *
 * Exceptions: Intel SDM vol. 3, 6.15. Whatever the instruction, only this domain ends.
 */
#include "tests/guest/probe.h"

#define MAGIC     0x6d6f786965216469ull
#define SELECTORS 0x1bu     /* a data segment of ring 3 */
#define FLAGS_BAD 0x244500u /* ID AC NT DF TF: none may reach the next domain */

/* 256 times `int n; ret`, four bytes each. */
__asm__(".text\n"
        ".balign 4\n"
        "interrupts:\n"
        ".set n, 0\n"
        ".rept 256\n"
        ".byte 0xcd, n, 0xc3, 0x90\n"
        ".set n, n + 1\n"
        ".endr\n");
extern const uint8_t interrupts[];

static void privileged(uint32_t which)
{
	static const uint8_t pointer[10];

	switch (which) {
	case I_CLI:
		__asm__ volatile("cli");
		break;
	case I_STI:
		__asm__ volatile("sti");
		break;
	case I_HLT:
		__asm__ volatile("hlt");
		break;
	case I_READ_CR0:
		__asm__ volatile("mov %%cr0, %%rax" : : : "rax");
		break;
	case I_WRITE_CR3:
		__asm__ volatile("mov %0, %%cr3" : : "r"(0ul));
		break;
	case I_WRITE_CR4:
		__asm__ volatile("mov %0, %%cr4" : : "r"(0ul));
		break;
	case I_WRITE_DR7:
		__asm__ volatile("mov %0, %%dr7" : : "r"(0ul));
		break;
	case I_RDMSR:
		__asm__ volatile("rdmsr" : : "c"(0xc0000080) : "rax", "rdx");
		break;
	case I_WRMSR:
		__asm__ volatile("wrmsr" : : "c"(0xc0000080), "a"(0), "d"(0));
		break;
	case I_LGDT:
		__asm__ volatile("lgdt %0" : : "m"(pointer));
		break;
	case I_LIDT:
		__asm__ volatile("lidt %0" : : "m"(pointer));
		break;
	case I_LTR:
		__asm__ volatile("ltr %w0" : : "r"(0x28));
		break;
	case I_CLTS:
		__asm__ volatile("clts");
		break;
	case I_SWAPGS:
		__asm__ volatile("swapgs");
		break;
	case I_WBINVD:
		__asm__ volatile("wbinvd");
		break;
	case I_INVLPG:
		__asm__ volatile("invlpg (%0)" : : "r"(pointer));
		break;
	}
}

static void transfer(uint32_t which)
{
	static const uint8_t pointer_to_anything[64];

	switch (which) {
	case I_IN:
		__asm__ volatile("inb $0x64, %%al" : : : "rax");
		break;
	case I_OUT:
		__asm__ volatile("outb %%al, $0x64" : : "a"(0xfe)); /* would reset a PC */
		break;
	case I_OUT_UART:
		__asm__ volatile("outb %%al, %%dx" : : "a"('!'), "d"(0x3f8));
		break;
	case I_SYSRET:
		__asm__ volatile("sysretq");
		break;
	case I_IRET_KERNEL:
		__asm__ volatile("pushq $0x10\n pushq %%rsp\n pushfq\n pushq $8\n"
		                 "leaq 1f(%%rip), %%rax\n pushq %%rax\n iretq\n1:"
		                 :
		                 :
		                 : "rax", "memory");
		break;
	case I_SYSENTER:
		__asm__ volatile("sysenter");
		break;
	case I_INT3:
		__asm__ volatile("int3");
		break;
	case I_ICEBP:
		__asm__ volatile(".byte 0xf1");
		break;
	case I_FAR_CALL: {
		static const uint16_t kernel[] = {0, 0, 0, 0, 8};

		/* The prefix, that of 64 bits, as a byte: assemblers name it differently. */
		__asm__ volatile(".byte 0x48\n\tlcall *(%%rdi)" : : "D"(kernel) : "memory");
		break;
	}
	case I_VMMCALL:
		__asm__ volatile("vmmcall");
		break;
	case I_RDPMC:
		__asm__ volatile("rdpmc" : : "c"(0) : "rax", "rdx");
		break;
	case I_WRGSBASE:
		__asm__ volatile("wrgsbase %0" : : "r"(1ul));
		break;
	case I_XSETBV:
		__asm__ volatile("xsetbv" : : "c"(0), "a"(1), "d"(0));
		break;
	case I_MWAIT:
		__asm__ volatile("monitor\n mwait" : : "a"(&pointer_to_anything), "c"(0), "d"(0));
		break;
	case I_OUTS:
		__asm__ volatile("outsb" : : "S"(&pointer_to_anything), "d"(0x80));
		break;
	case I_NONCANONICAL:
		touch_jump(0x0000800000000000ull);
		break;
	case I_RPL0_STACK:
		__asm__ volatile("mov %0, %%ss" : : "r"(0x10));
		break;
	}
}

static void raise(uint32_t which)
{
	static _Alignas(16) const uint8_t bytes[32];
	uint16_t control = 0x340; /* every exception unmasked */

	switch (which) {
	case I_UD2:
		__asm__ volatile("ud2");
		break;
	case I_XGETBV:
		__asm__ volatile("xgetbv" : : "c"(0) : "rax", "rdx");
		break;
	case I_AVX:
		__asm__ volatile("vaddps %ymm0, %ymm0, %ymm0");
		break;
	case I_DIVIDE:
		__asm__ volatile("divl %0" : : "r"(0), "a"(1), "d"(0));
		break;
	case I_ALIGNED:
		__asm__ volatile("movaps (%0), %%xmm0" : : "r"(bytes + 8) : "xmm0");
		break;
	case I_X87:
		__asm__ volatile("fldcw %0\n fld1\n fldz\n fdivrp\n fwait" : : "m"(control));
		break;
	case I_STEP:
		__asm__ volatile("pushfq\n orq $0x100, (%%rsp)\n popfq\n nop\n nop" : : : "memory");
		break;
	}
}

/* Fill what a switch does not save, then let another domain run. */
static void dirty(void)
{
	struct mx_exchange *x = mx_boot->exchange;
	static const uint32_t mxcsr = 0; /* unmasked: the next addition of the other would fault */
	static const uint16_t control = 0x0040;
	static const uint64_t magic = MAGIC;

	for (;;) {
		x->deadline = MX_NOW;
		__asm__ volatile("fninit\n"
		                 ".rept 8\n fldl %[m]\n .endr\n"
		                 "fldcw %[c]\n"
		                 "ldmxcsr %[x]\n"
		                 "movq %[m], %%xmm0\n punpcklqdq %%xmm0, %%xmm0\n"
		                 ".irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
		                 "movaps %%xmm0, %%xmm\\n\n"
		                 ".endr\n"
		                 "movl %[s], %%ds\n movl %[s], %%es\n movl %[s], %%fs\n"
		                 "movl %[s], %%gs\n"
		                 "movl %[t], %%eax\n"
		                 "pushfq\n orq $0x244400, (%%rsp)\n popfq\n"
		                 "syscall\n"
		                 :
		                 : [m] "m"(magic), [c] "m"(control), [x] "m"(mxcsr),
		                   [s] "r"(SELECTORS), [t] "i"(MX_TRAP_EXCHANGE)
		                 : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
		                   "memory");
	}
}

struct fxsave { /* SDM vol. 1, 10.5.1 */
	uint16_t control, status, tags, opcode;
	uint64_t rip, rdp;
	uint32_t mxcsr, mask;
	uint64_t regs[60];
};

static uint32_t look(struct fxsave *f, uint64_t *flags, uint64_t caller_saved[6])
{
	__asm__ volatile(
	        "movl %[t], %%eax\n syscall\n"
	        "fxsave64 (%[f])\n"
	        "movq %%rdi, 0(%[r])\n movq %%rsi, 8(%[r])\n movq %%rdx, 16(%[r])\n"
	        "movq %%r8, 24(%[r])\n movq %%r9, 32(%[r])\n movq %%r10, 40(%[r])\n"
	        "pushfq\n popq (%[g])\n"
	        :
	        : [t] "i"(MX_TRAP_EXCHANGE), [f] "b"(f), [r] "r"(caller_saved), [g] "r"(flags)
	        : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory");
	CHECK(f->control == 0x37f);
	CHECK(f->mxcsr == 0x1f80);
	CHECK((f->tags & 0xff) == 0); /* the abridged tags: every register empty */
	CHECK(!(*flags & FLAGS_BAD));
	for (uint32_t i = 0; i < 48; i++) /* the rest is not written by fxsave */
		CHECK(f->regs[i] != MAGIC && f->regs[i] != (MAGIC << 11 | 1ull << 63));
	for (uint32_t i = 0; i < 6; i++)
		CHECK(!caller_saved[i]);
	return 0;
}

static uint32_t clean(void)
{
	static _Alignas(16) struct fxsave f;
	static uint64_t caller_saved[6];
	uint64_t flags, thread;
	uint32_t selectors[4];

	for (uint32_t round = 0; round < 300; round++) {
		uint32_t bad;

		mx_boot->exchange->deadline = MX_NOW;
		memset(&f, 0, sizeof f);
		bad = look(&f, &flags, caller_saved);
		if (bad)
			return bad;
		__asm__ volatile("movl %%ds, %0\n movl %%es, %1\n movl %%fs, %2\n movl %%gs, %3"
		                 : "=r"(selectors[0]), "=r"(selectors[1]), "=r"(selectors[2]),
		                   "=r"(selectors[3]));
		CHECK(!(selectors[0] | selectors[1] | selectors[2] | selectors[3]));
		__asm__ volatile("movq %%fs:0, %0" : "=r"(thread));
		CHECK(thread); /* %fs:0 is where the thread's block says it is */
		CHECK(*(uint64_t *)(uintptr_t)thread == thread);
	}
	return 0;
}

uint32_t probe_cpu(const struct guest_args *args)
{
	switch (args->which) {
	case PROBE_INSTRUCTION:
		privileged(args->a);
		transfer(args->a);
		raise(args->a);
		return __LINE__;
	case PROBE_INTERRUPT:
		touch_jump((uint64_t)(uintptr_t)&interrupts[args->a * 4]);
		return __LINE__;
	case PROBE_DIRTY:
		dirty();
		return __LINE__;
	case PROBE_CLEAN:
		return clean();
	default:
		for (;;)
			__asm__ volatile("");
	}
}

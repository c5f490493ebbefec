/*
 * The way into the executive by `syscall`, and back to a domain.
 *
 * Every core maps its own stack and data at the same addresses, so there is no per-core register to
 * swap: the stack's top is a constant. The eight words pushed first are the domain's struct
 * context; they always stand at the same place, where context_save finds them.
 * SFMASK clears IF, DF, TF and AC on the way in. On the way back the flags are a constant and all
 * caller-saved registers are cleared, so nothing of the executive or of another domain shows.
 */
#include "executive/x86_64/layout.h"

	.section .bss.hot, "aw", @nobits
user_rsp:
	.skip 8

	.section .text.hot, "ax"
	.globl syscall_entry
syscall_entry:
	movq	%rsp, user_rsp(%rip)
	movabsq	$CORE_STACK_TOP, %rsp
	pushq	user_rsp(%rip)
	pushq	%rcx			/* rip of the domain */
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rdx, %rcx
	movq	%rsi, %rdx
	movq	%rdi, %rsi
	movq	%rax, %rdi
	call	core_trap
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%rcx
	jmp	leave

	/* context_save(struct context *) */
	.globl context_save
context_save:
	movabsq	$CORE_STACK_TOP - 64, %rsi
	.irp at, 0,8,16,24,32,40,48,56
	movq	\at(%rsi), %rax
	movq	%rax, \at(%rdi)
	.endr
	ret

	/* context_resume(const struct context *, int64_t result); the old stack is abandoned */
	.globl context_resume
context_resume:
	movq	%rsi, %rax
	movq	0(%rdi), %r15
	movq	8(%rdi), %r14
	movq	16(%rdi), %r13
	movq	24(%rdi), %r12
	movq	32(%rdi), %rbp
	movq	40(%rdi), %rbx
	movq	48(%rdi), %rcx
	leaq	56(%rdi), %rsp		/* popped below; interrupts are off until sysret */
leave:
	movl	$0x202, %r11d		/* IF; bit 1 is always set */
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%edi, %edi
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	xorl	%r10d, %r10d
	popq	%rsp
	sysretq

	/* arch_gate: a domain has no other way in than the instruction */
	.section .rodata
	.balign	8
	.globl arch_gate
arch_gate:
	.quad	0

	.section .note.GNU-stack, "", @progbits

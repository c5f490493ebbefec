/*
 * No isolation: a domain runs in ring 0 and comes into the executive by a call (mx_boot.gate).
 *
 * As isolated/trap.S, it changes to the core's stack and pushes the domain's struct context where
 * context_save finds it. Interrupts stay off in a domain, which nothing preempts anyway: they come
 * in here and in arch_idle. So there is no guard against a domain that never waits.
 */
#include "executive/x86_64/layout.h"

	.text
gate:
	popq	%r8			/* rip of the domain */
	movq	%rsp, %r9
	movabsq	$CORE_STACK_TOP, %rsp
	pushq	%r9
	pushq	%r8
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	sti
	nop				/* sti takes effect behind the next instruction */
	cli
	call	core_trap
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%rcx
	popq	%rsp
	jmp	*%rcx

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
	movq	56(%rdi), %rsp
	jmp	*%rcx

	/* A system call of a libc: MX_EINVAL, in the ring it came from. */
	.globl syscall_entry
syscall_entry:
	movq	$-1, %rax
	jmp	*%rcx

	/* cpu_scrub(bool uart): what the last domain left may be seen by the next */
	.globl cpu_scrub
cpu_scrub:
	ret

	.section .rodata
	.balign	8
	.globl arch_gate
arch_gate:
	.quad	gate

	.section .note.GNU-stack, "", @progbits

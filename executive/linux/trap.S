/*
 * The way into the executive by a call (mx_boot.gate), and back to a domain.
 *
 * As x86_64/flat/trap.S: it changes to the core's stack and pushes the domain's struct context where
 * context_save finds it. %fs is the domain's while it runs, the host's thread's in here: musl's
 * errno and glibc's lie behind it. Where the kernel does not let us set it, a system call does.
 */
#if SANITIZED /* sanitized/guest.c stands between */
#define core_trap      sanitized_trap
#define context_resume context_enter
#endif
#define ARCH_PRCTL  158
#define ARCH_SET_FS 0x1002

	/* %fs = %rax; changes rax and r11, and in the slow case saves what holds arguments. */
	.macro set_fs
	cmpb	$0, fs_by_instruction(%rip)
	je	88f
	wrfsbase %rax
	jmp	89f
88:	call	set_fs_by_call
89:
	.endm

	.text
set_fs_by_call:
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	movl	$ARCH_SET_FS, %edi
	movq	%rax, %rsi
	movl	$ARCH_PRCTL, %eax
	syscall
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	ret

	.globl arch_gate_entry
arch_gate_entry:
	popq	%r8			/* rip of the domain */
	movq	%rsp, %r9
	movq	core_stack_top(%rip), %rsp
	pushq	%r9
	pushq	%r8
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	fs_host(%rip), %rax
	set_fs
	call	core_trap
	movq	%rax, %rdx
	movq	fs_domain(%rip), %rax
	set_fs
	movq	%rdx, %rax
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
	movq	core_stack_top(%rip), %rsi
	.irp at, 0,8,16,24,32,40,48,56
	movq	\at-64(%rsi), %rax
	movq	%rax, \at(%rdi)
	.endr
	ret

	/* context_resume(const struct context *, int64_t result); the old stack is abandoned */
	.globl context_resume
context_resume:
	movq	fs_domain(%rip), %rax
	set_fs
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

	/* on_core_stack(void (*f)(void)): does not return, and neither may f */
	.globl on_core_stack
on_core_stack:
	movq	core_stack_top(%rip), %rsp
	xorl	%ebp, %ebp
	call	*%rdi
	ud2

	.section .note.GNU-stack, "", @progbits

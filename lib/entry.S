/*
 * The first instructions of a domain. The executive enters with the boot page in rbx and the stack
 * aligned; static PIEs relocate themselves before any C that needs it.
 */
	.text
	.globl mx_start
	.hidden mx_start
mx_start:
	movq	%rbx, %rdi
	leaq	_DYNAMIC(%rip), %rsi
	.hidden _DYNAMIC
	.weak	_DYNAMIC
	leaq	__ehdr_start(%rip), %rdx
	.hidden __ehdr_start
	xorl	%ebp, %ebp
	call	mx_begin

	/* int64_t mx_syscall(nr, a, b, c): rdi, rsi, rdx, rcx -> rax, rdi, rsi, rdx */
	.globl mx_syscall
	.hidden mx_syscall
mx_syscall:
	movq	%rdi, %rax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	syscall
	ret

	.section .note.GNU-stack, "", @progbits

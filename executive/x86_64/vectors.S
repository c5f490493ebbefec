/*
 * Where the processor comes in by the IDT: 256 entries of 16 bytes, then one road for all.
 *
 * The stack then holds struct frame of interrupt.c. With an error code or without, the processor
 * aligns %rsp to 16 before it pushes 5 words; with our 17 the call is aligned as well.
 */
	.text
	.balign 16
	.globl vectors
vectors:
	.set v, 0
	.rept 256
	.balign 16
	/* These push an error code themselves (SDM vol. 3, table 6-1). */
	.if v == 8 || (v >= 10 && v <= 14) || v == 17 || v == 21 || v == 29 || v == 30
	.else
	push $0
	.endif
	push $v
	jmp enter
	.set v, v + 1
	.endr

	.balign 16
enter:
	push %r15
	push %r14
	push %r13
	push %r12
	push %r11
	push %r10
	push %r9
	push %r8
	push %rbp
	push %rdi
	push %rsi
	push %rdx
	push %rcx
	push %rbx
	push %rax
	/* Of a domain's flags none is for the executive: AC would lift SMAP. Interrupts stay off. */
	pushq $2
	popfq
	mov %rsp, %rdi
	xor %ebp, %ebp
	call interrupt
	pop %rax
	pop %rbx
	pop %rcx
	pop %rdx
	pop %rsi
	pop %rdi
	pop %rbp
	pop %r8
	pop %r9
	pop %r10
	pop %r11
	pop %r12
	pop %r13
	pop %r14
	pop %r15
	add $16, %rsp
	iretq

	.section .note.GNU-stack, "", @progbits

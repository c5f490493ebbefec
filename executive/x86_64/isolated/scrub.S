/*
 * What a domain leaves in the processor is not for the next one: cpu_scrub(bool uart).
 * x87 is pushed full of zeros, since fninit only empties the tags; AVX state is never enabled.
 * %fs points to the thread block, which stands at the same address in every domain; a domain can load
 * a selector and so lose it, hence it is set again.
 */
#define MSR_FS_BASE 0xc0000100
#define THREAD      0x70065000 /* AT_TLS of space.h */

	.section .text.hot, "ax"
	.globl cpu_scrub
cpu_scrub:
	call	cpu_uart_access
	fninit
	.rept 8
	fldz
	.endr
	fninit
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	pxor	%xmm\n, %xmm\n
	.endr
	ldmxcsr	clean_mxcsr(%rip)
	/* Selectors mean nothing in long mode, but stay; to load one costs more than to look. */
	movl	%ds, %eax
	movl	%es, %ecx
	orl	%ecx, %eax
	movl	%fs, %ecx
	orl	%ecx, %eax
	movl	%gs, %ecx
	orl	%ecx, %eax
	jz	1f
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
1:
	movl	$MSR_FS_BASE, %ecx
	movl	$THREAD, %eax
	xorl	%edx, %edx
	wrmsr
	ret

clean_mxcsr:
	.long	0x1f80			/* the reset value: every exception masked */

	.section .note.GNU-stack, "", @progbits

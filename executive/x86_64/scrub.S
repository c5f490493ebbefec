/*
 * What a domain leaves in the processor is not for the next one: cpu_scrub(bool uart).
 * x87 is pushed full of zeros, since fninit only empties the tags; AVX state is never enabled.
 */
	.text
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
	ret

	.section .rodata
clean_mxcsr:
	.long	0x1f80			/* the reset value: every exception masked */

	.section .note.GNU-stack, "", @progbits

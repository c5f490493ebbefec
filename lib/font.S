/* The letters of screen.c: 95 of 16 bytes, which tools/font takes from Debian's psf-unifont. */
	.section .rodata.mx_font, "a"
	.globl mx_font
	.hidden mx_font
mx_font:
	.incbin "font.bin"
	.section .note.GNU-stack, "", @progbits

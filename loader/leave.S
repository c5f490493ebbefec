/*
 * The way out of the firmware: from its long mode to 32-bit protected mode without paging, as PVH
 * demands (xen/include/public/arch-x86/hvm/start_info.h), then the executive to its place, then in.
 *
 * %rdi: struct leave. This stands in a page of its own below 4 GiB, at whatever address; the
 * firmware's tables may lie where the executive goes, so nothing is copied before paging is off.
 */
#define CODE32 0x08
#define DATA32 0x10
#define CR4_KEPT 0x1020 /* PAE, LA57: fixed while paging is on */
#define EFER 0xc0000080

	.text
	.code64
	.globl leave, leave_end
leave:
	cli
	cld
	mov %edi, %ebp
	lea gdt(%rip), %rax
	mov %rax, gdt_pointer + 2(%rip)
	lgdt gdt_pointer(%rip)
	mov %cr4, %rax
	and $CR4_KEPT, %eax
	mov %rax, %cr4
	lea 1f(%rip), %rax
	push $CODE32
	push %rax
	lretq

	.code32
1:	mov $DATA32, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov %eax, %fs
	mov %eax, %gs
	mov $0x11, %eax /* ET, PE: paging off */
	mov %eax, %cr0
	mov $EFER, %ecx
	xor %eax, %eax
	xor %edx, %edx
	wrmsr
	mov %eax, %cr4
	mov 0(%ebp), %edi
	mov 4(%ebp), %esi
	mov 8(%ebp), %ecx
	rep movsl
	mov 16(%ebp), %ebx
	jmp *12(%ebp)

	.align 8
gdt:
	.quad 0
	.quad 0x00cf9b000000ffff
	.quad 0x00cf93000000ffff
gdt_pointer:
	.word gdt_pointer - gdt - 1
	.quad 0
leave_end:

	.section .note.GNU-stack, "", @progbits

/*
 * Entry of every core: the boot core by PVH, the others by the trampoline of smp.c.
 *
 * Both arrive in 32-bit protected mode without paging and leave in long mode: the boot core on
 * the boot stack for boot_main, the others straight into their own address space.
 * PVH: xen/include/public/arch-x86/hvm/start_info.h; %ebx points to hvm_start_info.
 */
#include "executive/x86_64/layout.h"

#define XEN_ELFNOTE_PHYS32_ENTRY 18
#define SEL_CODE32               0x18
#define PRESENT_WRITE            0x3
#define PRESENT_WRITE_LARGE      0x83

	.section .note.pvh, "a", @note
	.align 4
	.long 4, 8, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz "Xen"
	.quad boot_entry

	.section .boot.text, "ax"
	.code32
	.globl boot_entry
boot_entry:
	cli
	cld
	mov %ebx, %ebp /* hvm_start_info; CPUID takes %ebx */

	/* Long mode and NX (SDM vol. 2, CPUID 80000001H). */
	mov $0x80000000, %eax
	cpuid
	cmp $0x80000001, %eax
	jb too_old
	mov $0x80000001, %eax
	cpuid
	bt $29, %edx
	jnc too_old
	bt $20, %edx
	jnc too_old

	/* Four page directories of 2 MiB pages: the low 4 GiB. */
	mov $boot_directories, %edi
	mov $PRESENT_WRITE_LARGE, %eax
	mov $2048, %ecx
1:	mov %eax, (%edi)
	add $0x200000, %eax
	add $8, %edi
	dec %ecx
	jnz 1b
	/* They appear at 0, at DIRECT, and the first of them at IMAGE_BASE. */
	movl $boot_directories + 0x0000 + PRESENT_WRITE, boot_low
	movl $boot_directories + 0x1000 + PRESENT_WRITE, boot_low + 8
	movl $boot_directories + 0x2000 + PRESENT_WRITE, boot_low + 16
	movl $boot_directories + 0x3000 + PRESENT_WRITE, boot_low + 24
	movl $boot_directories + PRESENT_WRITE, boot_image + 510 * 8
	movl $boot_low + PRESENT_WRITE, boot_root
	movl $boot_low + PRESENT_WRITE, boot_root + 256 * 8
	movl $boot_image + PRESENT_WRITE, boot_root + 511 * 8

long_mode:
	lgdt boot_gdt_pointer
	mov $boot_root, %eax
	mov %eax, %cr3
	mov $0x20, %eax /* PAE */
	mov %eax, %cr4
	mov $0xc0000080, %ecx /* EFER: LME, NXE */
	rdmsr
	or $0x900, %eax
	wrmsr
	mov %cr0, %eax
	and $0x9fffffff, %eax /* caches on: a core comes out of INIT with CD and NW set */
	or $0x80010001, %eax /* PG, WP, PE */
	mov %eax, %cr0
	ljmp $SEL_KCODE, $long_entry

	/* From the trampoline. */
	.globl ap_entry
ap_entry:
	mov $SEL_KDATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %ebp, %ebp
	jmp long_mode

too_old:
	mov $too_old_text, %esi
1:	lodsb
	test %al, %al
	jz 3f
	mov %al, %bl
	mov $0x3fd, %dx
2:	inb %dx, %al
	test $0x20, %al
	jz 2b
	mov $0x3f8, %dx
	mov %bl, %al
	outb %al, %dx
	jmp 1b
3:	hlt
	jmp 3b
too_old_text:
	.asciz "moxie: this processor lacks long mode or NX\r\n"

	.code64
long_entry:
	mov $SEL_KDATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	test %ebp, %ebp
	jz 1f
	movabs $boot_stack_top, %rsp
	mov %ebp, %edi
	xor %ebp, %ebp
	movabs $boot_main, %rax
	call *%rax
	ud2
1:	mov TRAMPOLINE + TRAMPOLINE_SPACE, %rdi
	movl $TRAMPOLINE_STARTED, TRAMPOLINE + TRAMPOLINE_HERE
	movabs $core_enter, %rax
	jmp *%rax

	.align 8
boot_gdt:
	.quad 0
	.quad 0x00af9b000000ffff /* SEL_KCODE */
	.quad 0x00cf93000000ffff /* SEL_KDATA */
	.quad 0x00cf9b000000ffff /* SEL_CODE32 */
boot_gdt_pointer:
	.word boot_gdt_pointer - boot_gdt - 1
	.long boot_gdt

	.section .boot.bss, "aw", @nobits
	.align 4096
boot_root:
	.skip 4096
boot_low:
	.skip 4096
boot_image:
	.skip 4096
boot_directories:
	.skip 4 * 4096

	.bss
	.align 16
	.skip 8192
boot_stack_top:

	.text
	.globl core_enter
core_enter:
	mov %rdi, %cr3
	movabs $CORE_STACK_TOP, %rsp
	xor %ebp, %ebp
	call core_start
	ud2

	/*
	 * The trampoline: copied to page TRAMPOLINE, where a core that is told to start finds itself
	 * in real mode. It answers the roll call, says what its CPUID does, and halts, or goes on when it is given a space.
	 */
	.section .rodata.trampoline, "a"
	.code16
	.globl trampoline, trampoline_end
trampoline:
	jmp 1f
	.org trampoline + TRAMPOLINE_HERE
	.long 0
	.org trampoline + TRAMPOLINE_SPACE
	.quad 0
	.org trampoline + TRAMPOLINE_LEAVES
	.long 0, 0
1:	cli
	cld
	mov %cs, %ax
	mov %ax, %ds
	cmpl $0, TRAMPOLINE_SPACE
	jne 3f
	cmpl $0, TRAMPOLINE_SPACE + 4
	jne 3f
	mov $TRAMPOLINE_LEAVES, %si
	mov $TRAMPOLINE_SAID, %di
4:	xor %ebp, %ebp
5:	mov (%si), %eax
	mov %ebp, %ecx
	cpuid
	mov %eax, (%di)
	mov %ebx, 4(%di)
	mov %ecx, 8(%di)
	mov %edx, 12(%di)
	add $16, %di
	inc %bp
	cmp $SUBLEAVES, %bp
	jne 5b
	add $4, %si
	cmp $TRAMPOLINE_LEAVES + 8, %si
	jne 4b
	movl $TRAMPOLINE_PRESENT, TRAMPOLINE_HERE
2:	hlt
	jmp 2b
3:	lgdtl trampoline_gdt_pointer - trampoline
	mov %cr0, %eax
	or $1, %al
	mov %eax, %cr0
	ljmpl $SEL_CODE32, $ap_entry
trampoline_gdt_pointer:
	.word boot_gdt_pointer - boot_gdt - 1
	.long boot_gdt
trampoline_end:

	.section .note.GNU-stack, "", @progbits

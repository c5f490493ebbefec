/* A domain begins: relocate the image, remember the boot page, enter the loop. */
#include <elf.h>
#include "loop.h"

const struct mx_boot *mx_boot;

/* Before this has run nothing may use a pointer that the linker wrote into data. */
static inline void relocate(const Elf64_Dyn *dyn, uint64_t base)
{
	const Elf64_Rela *rela = NULL;
	uint64_t size = 0;

	for (; dyn->d_tag != DT_NULL; dyn++) {
		if (dyn->d_tag == DT_RELA)
			rela = (const void *)(base + dyn->d_un.d_ptr);
		else if (dyn->d_tag == DT_RELASZ)
			size = dyn->d_un.d_val;
	}
	for (uint64_t i = 0; i < size / sizeof *rela; i++)
		if (ELF64_R_TYPE(rela[i].r_info) == R_X86_64_RELATIVE)
			*(uint64_t *)(base + rela[i].r_offset) = base + (uint64_t)rela[i].r_addend;
}

_Noreturn void mx_begin(const struct mx_boot *boot, const Elf64_Dyn *dyn, uint64_t base);

_Noreturn void mx_begin(const struct mx_boot *boot, const Elf64_Dyn *dyn, uint64_t base)
{
	relocate(dyn, base);
	mx_boot = boot;
	mx_time_open();
	if (boot->version != MX_ABI_VERSION)
		mx_exit(254);
	mx_log_open();
	mx_loop();
}

int64_t mx_trap(int64_t nr, uint64_t a, uint64_t b, uint64_t c)
{
	return mx_boot->gate ? mx_boot->gate(nr, a, b, c) : mx_syscall(nr, a, b, c);
}

_Noreturn void mx_exit(uint32_t status)
{
	mx_flush();
	for (;;)
		mx_trap(MX_TRAP_EXIT, status, 0, 0);
}

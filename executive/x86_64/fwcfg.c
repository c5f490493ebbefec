/*
 * QEMU's firmware configuration device: the text of -fw_cfg name=opt/moxie/config
 * (QEMU, docs/specs/fw_cfg). It stands above the loader's configuration; another machine has none.
 */
#include <string.h>
#include "executive/arch.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/cpu.h"

#define PORT_SELECT 0x510
#define PORT_DATA   0x511
#define SIGNATURE   0x00
#define DIRECTORY   0x19
#define FILES_MOST  1024u
#define CONFIG_MOST (1u << 20)

struct file { /* big-endian */
	uint32_t size;
	uint16_t select, reserved;
	char name[56];
};

/* Goes on where the last read of the selected item ended. */
static void read_bytes(void *to, uint64_t n)
{
	__asm__ volatile("rep insb" : "+D"(to), "+c"(n) : "d"(PORT_DATA) : "memory");
}

static void read_config(const struct file *f)
{
	uint32_t size = __builtin_bswap32(f->size);

	if (size > CONFIG_MOST)
		panic("fw_cfg: opt/moxie/config has %u bytes, more than %u", size, CONFIG_MOST);
	if (size == 0)
		return;
	machine.config_len = size;
	machine.config.size = (size + MX_PAGE - 1) & -(uint64_t)MX_PAGE;
	machine.config.base = memory_take(machine.config.size);
	out16(PORT_SELECT, __builtin_bswap16(f->select));
	read_bytes(direct(machine.config.base), size);
}

void fwcfg_read(void)
{
	char signature[4];
	struct file f;
	uint32_t n;

	out16(PORT_SELECT, SIGNATURE);
	read_bytes(signature, sizeof(signature));
	if (memcmp(signature, "QEMU", 4) != 0)
		return;
	out16(PORT_SELECT, DIRECTORY);
	read_bytes(&n, sizeof(n));
	n = __builtin_bswap32(n);
	for (uint32_t i = 0; i < n && i < FILES_MOST; i++) {
		read_bytes(&f, sizeof(f));
		if (memcmp(f.name, "opt/moxie/config", sizeof("opt/moxie/config")) == 0) {
			read_config(&f);
			return;
		}
	}
}

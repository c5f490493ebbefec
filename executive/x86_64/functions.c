/* PCI functions as facts: see functions.h. */
#include "executive/arch.h"
#include "executive/x86_64/config.h"
#include "executive/x86_64/functions.h"

uint16_t functions_vectors(uint16_t address)
{
	uint32_t at = config_capability(address, CAP_MSIX);

	return at ? (uint16_t)((config_read(address, at) >> 16 & 0x7ff) + 1) : 0;
}

static bool known(const struct topology *t, uint16_t address)
{
	for (uint32_t i = 0; i < t->functions_n; i++)
		if (t->functions[i].address == address)
			return true;
	return false;
}

void functions_note(uint16_t address)
{
	struct topology *t = &machine.topology;

	if (known(t, address))
		return;
	if (t->functions_n == TOPOLOGY_FUNCTIONS) {
		print("PCI: more than %u functions; the lattice lacks %02x:%02x.%u\n",
		      TOPOLOGY_FUNCTIONS, address >> 8, address >> 3 & 31, address & 7u);
		return;
	}
	t->functions[t->functions_n++] = (struct topology_function){
	        .address = address,
	        .vendor = config_read16(address, CONFIG_VENDOR),
	        .device = config_read16(address, CONFIG_VENDOR + 2),
	        .class = config_read(address, CONFIG_REVISION) >> 8,
	        .vectors = functions_vectors(address),
	        .pin = (uint8_t)(config_read16(address, CONFIG_PIN - 1) >> 8)};
}

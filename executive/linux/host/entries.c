/* The copies of the executive, one a core: see executive/linux.mk. */
#include "executive/linux/host/host.h"

#define ENTRIES(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)

#define X(n) extern const struct core_entry core_entry_##n;
ENTRIES(X)
#undef X

#define X(n) &core_entry_##n,
const struct core_entry *const host_entries[HOST_CORES] = {ENTRIES(X)};
#undef X

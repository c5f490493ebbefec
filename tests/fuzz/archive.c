/* See archive.h. */
#include <stdio.h>
#include <string.h>
#include "tests/fuzz/archive.h"

void archive_add(char *to, uint64_t *size, const char *name, const void *data, uint32_t n)
{
	char *at = to + *size;

	snprintf(at, 111, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1u,
	         0100644u, 0u, 0u, 1u, 0x60000000u, n, 0u, 0u, 0u, 0u, (uint32_t)strlen(name) + 1,
	         0u);
	strcpy(at + 110, name);
	*size = (*size + 110 + strlen(name) + 1 + 3) & ~3ull;
	if (data)
		memcpy(to + *size, data, n);
	else
		memset(to + *size, 'a' + (int)(n % 26), n);
	*size = (*size + n + 3) & ~3ull;
}

void archive_end(char *to, uint64_t *size)
{
	archive_add(to, size, "TRAILER!!!", NULL, 0);
}

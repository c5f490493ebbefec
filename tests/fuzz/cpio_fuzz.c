/*
 * lib/cpio.c on any bytes: what it gives lies in the archive, and the walk ends.
 */
#include <stdlib.h>
#include <string.h>
#include <moxie/cpio.h>
#include "tests/fuzz/fuzz.h"

static void check(const char *archive, uint64_t n, const struct mx_cpio_entry *e)
{
	fuzz_assert(e->name >= archive && e->name + e->name_len < archive + n);
	fuzz_assert(strlen(e->name) == e->name_len);
	fuzz_assert(e->size == 0 || (e->offset % 4 == 0 && e->offset + e->size <= n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *archive = malloc(n ? n : 1); /* just as large, so that ASan sees each byte beyond */
	struct mx_cpio_entry e, found;
	uint64_t at = 0, before = 0;

	memcpy(archive, data, n);
	while (mx_cpio_next(archive, n, &at, &e)) {
		fuzz_assert(at > before);
		before = at;
		check(archive, n, &e);
		if (mx_cpio_find(archive, n, e.name, &found)) {
			check(archive, n, &found);
			fuzz_assert(strcmp(found.name, e.name) == 0);
		} else { /* it is no regular file */
			fuzz_assert((e.mode & 0170000) != 0100000);
		}
		if (at > 64 * 1024) /* the search for each makes it quadratic */
			break;
	}
	free(archive);
	return 0;
}

/*
 * The bundle: a cpio archive of the newc format ("070701", see cpio(5)).
 *
 * mx_cpio_next walks it. Start with *at = 0; true: *entry is the next file and *at stands behind
 * it. False: the end; *at == MX_CPIO_BAD when the archive is cut or malformed.
 * Pointers lead into the archive; names are NUL-terminated inside it.
 */
#ifndef MOXIE_CPIO_H
#define MOXIE_CPIO_H

#include <stdbool.h>
#include <stdint.h>

#define MX_CPIO_BAD UINT64_MAX

struct mx_cpio_entry {
	const char *name; /* without a leading "./" or "/" */
	uint32_t name_len;
	uint32_t mode;   /* st_mode; S_IFREG is 0100000 */
	uint32_t mtime;  /* s since 1970 */
	uint64_t offset; /* of the data in the archive, a multiple of 4 */
	uint64_t size;
};
bool mx_cpio_next(const void *archive, uint64_t size, uint64_t *at, struct mx_cpio_entry *entry);
/* The regular file of that name; false when it is not there. */
bool mx_cpio_find(const void *archive, uint64_t size, const char *name,
                  struct mx_cpio_entry *entry);

#endif

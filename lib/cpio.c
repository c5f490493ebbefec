/*
 * The bundle's archive format, cpio newc: a walk over its entries, and a search by name.
 *
 * Interface: include/moxie/cpio.h.
 * Rules: the archive is untrusted; every size is checked against what is left before it is
 * used, in 64 bits, so that 32-bit fields cannot overflow. Nothing is called: the executive links
 * this file too. Each entry: a header of 110 ASCII bytes, the name with its NUL, padding to 4, the
 * data, padding to 4. The entry "TRAILER!!!" ends the archive; without it the archive is cut.
 */
#include <stddef.h>
#include <moxie/cpio.h>

#define HEADER  110u
#define FORMAT  0170000u
#define REGULAR 0100000u

/* Byte offsets of the header's fields, 8 hexadecimal digits each. */
enum { AT_MODE = 14, AT_MTIME = 46, AT_SIZE = 54, AT_NAMESIZE = 94 };

static bool hex_field(const char *field, uint32_t *value)
{
	uint32_t sum = 0;

	for (int i = 0; i < 8; i++) {
		char c = field[i];
		char low = c | 0x20;

		if (c >= '0' && c <= '9')
			sum = sum << 4 | (uint32_t)(c - '0');
		else if (low >= 'a' && low <= 'f')
			sum = sum << 4 | (uint32_t)(low - 'a' + 10);
		else
			return false;
	}
	*value = sum;
	return true;
}

static bool same(const char *a, uint32_t length, const char *text)
{
	for (uint32_t i = 0; i < length; i++)
		if (!text[i] || a[i] != text[i])
			return false;
	return !text[length];
}

static uint64_t padded(uint64_t n)
{
	return (n + 3) & ~3ull;
}

/* A name must end with its only NUL: readers treat it as a string. */
static bool name_ends(const char *name, uint32_t size)
{
	for (uint32_t i = 0; i + 1 < size; i++)
		if (!name[i])
			return false;
	return size && !name[size - 1];
}

/* Archives made by `find .` say "./name", careless ones "/name". */
static void skip_root(struct mx_cpio_entry *entry)
{
	while (entry->name_len) {
		if (entry->name[0] == '/') {
			entry->name++;
			entry->name_len--;
		} else if (entry->name_len > 1 && entry->name[0] == '.' && entry->name[1] == '/') {
			entry->name += 2;
			entry->name_len -= 2;
		} else {
			return;
		}
	}
}

/* The entry at `at`, with *next behind it; false when it does not fit the archive. */
static bool entry_at(const char *archive, uint64_t size, uint64_t at, struct mx_cpio_entry *entry,
                     uint64_t *next)
{
	const char *header = archive + at;
	uint32_t name_size, file_size;
	uint64_t name_end;

	if (at > size || size - at < HEADER || !same(header, 6, "070701") ||
	    !hex_field(header + AT_MODE, &entry->mode) ||
	    !hex_field(header + AT_MTIME, &entry->mtime) ||
	    !hex_field(header + AT_SIZE, &file_size) ||
	    !hex_field(header + AT_NAMESIZE, &name_size))
		return false;
	name_end = at + HEADER + name_size;
	if (name_end > size || !name_ends(header + HEADER, name_size))
		return false;
	entry->name = header + HEADER;
	entry->name_len = name_size - 1;
	entry->offset = padded(name_end);
	entry->size = file_size;
	if (file_size && (entry->offset > size || file_size > size - entry->offset))
		return false;
	*next = padded(entry->offset + file_size);
	return true;
}

bool mx_cpio_next(const void *archive, uint64_t size, uint64_t *at, struct mx_cpio_entry *entry)
{
	uint64_t next;

	if (*at == MX_CPIO_BAD)
		return false;
	if (!entry_at(archive, size, *at, entry, &next)) {
		*at = MX_CPIO_BAD;
		return false;
	}
	if (same(entry->name, entry->name_len, "TRAILER!!!"))
		return false;
	*at = next;
	skip_root(entry);
	return true;
}

bool mx_cpio_find(const void *archive, uint64_t size, const char *name, struct mx_cpio_entry *entry)
{
	uint64_t at = 0;

	while (mx_cpio_next(archive, size, &at, entry))
		if ((entry->mode & FORMAT) == REGULAR && same(entry->name, entry->name_len, name))
			return true;
	return false;
}

/*
 * The site: see site.h. Built in three passes, each in slices: count the files, enter
 * them into a hash table, describe them (which needs the table, to pair a file with its ".gz").
 * Rules: the archive is the user's; an entry that is no regular file below www/ is not there.
 */
#include <moxie/cpio.h>
#include <moxie/domain.h>
#include "rep.h"
#include "site.h"
#include "types.h"

#define REGULAR     0100000u
#define FORMAT      0170000u
#define SLICE       128u  /* entries between two waits: some milliseconds */
#define PATH_LIMIT  1000u /* a longer path cannot be asked for, see request.h */
#define FILES_LIMIT (1u << 20)

static struct {
	const uint8_t *archive;
	uint64_t size, at;
	enum { COUNT, ENTER, DESCRIBE, BUILT } pass;
	struct site_file *files, **buckets;
	uint32_t files_max, files_n, described, mask;
} site;

static uint32_t hash_of(const char *path, uint32_t length)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (uint32_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)path[i]) * 16777619u;
	return hash ^ hash >> 15;
}

void site_open(const uint8_t *archive, uint64_t size)
{
	memset(&site, 0, sizeof(site));
	site.archive = archive;
	site.size = size;
}

/* The next file of the site; false at the end of the archive. */
static bool next_file(struct mx_cpio_entry *e, bool *is_file)
{
	if (!mx_cpio_next(site.archive, site.size, &site.at, e))
		return false;
	*is_file = (e->mode & FORMAT) == REGULAR && e->name_len > 4 &&
	           memcmp(e->name, "www/", 4) == 0 && e->name_len - 4 <= PATH_LIMIT &&
	           e->size < UINT32_MAX;
	return true;
}

static void allocate(void)
{
	uint32_t n = 16;

	if (site.at == MX_CPIO_BAD)
		mx_log("site: the bundle is cut or malformed; files behind the damage are missing");
	while (n < site.files_max && n < FILES_LIMIT)
		n *= 2;
	site.buckets = mx_heap(n * sizeof(site.buckets[0]));
	site.files = mx_heap((uint64_t)site.files_max * sizeof(site.files[0]));
	if (!site.buckets || !site.files) {
		mx_log("site: no memory for %u files, none is served; raise the domain's memory",
		       site.files_max);
		site.pass = BUILT;
		return;
	}
	site.mask = n - 1;
	site.at = 0;
	site.pass = ENTER;
}

static void enter(const struct mx_cpio_entry *e)
{
	struct site_file *f = &site.files[site.files_n++], **bucket;

	f->path = e->name + 4;
	f->path_length = e->name_len - 4;
	f->hash = hash_of(f->path, f->path_length);
	f->plain.data = site.archive + e->offset;
	f->plain.offset = e->offset;
	f->plain.size = (uint32_t)e->size;
	f->plain.mtime = e->mtime;
	bucket = &site.buckets[f->hash & site.mask];
	f->next = *bucket; /* the later of two of one name hides the other, as when unpacked */
	*bucket = f;
}

static struct site_file *lookup(const char *path, uint32_t length)
{
	uint32_t hash = hash_of(path, length);
	struct site_file *f = site.buckets ? site.buckets[hash & site.mask] : NULL;

	while (f &&
	       (f->hash != hash || f->path_length != length || memcmp(f->path, path, length) != 0))
		f = f->next;
	return f;
}

/* The precompressed variant of f as a representation of f's own resource. */
static bool describe_gzip(struct site_file *f, const char *type)
{
	char path[PATH_LIMIT + 3];
	const struct site_file *z;

	memcpy(path, f->path, f->path_length);
	memcpy(path + f->path_length, ".gz", 3);
	z = lookup(path, f->path_length + 3);
	if (!z)
		return true;
	f->gzip = mx_heap(sizeof(*f->gzip));
	if (!f->gzip)
		return false;
	*f->gzip = z->plain;
	f->gzip->head = NULL;
	return rep_describe(f->gzip, type, true, true);
}

static bool describe(struct site_file *f)
{
	const char *type = type_of(f->path, f->path_length);

	return describe_gzip(f, type) && rep_describe(&f->plain, type, false, f->gzip != NULL);
}

static void finish(const char *trouble)
{
	if (trouble)
		mx_log("site: %s; %u of %u files are served", trouble, site.described,
		       site.files_max);
	site.pass = BUILT;
}

static void build_one(void)
{
	struct mx_cpio_entry e;
	bool is_file;

	if (site.pass == DESCRIBE) {
		if (site.described == site.files_n)
			finish(NULL);
		else if (!describe(&site.files[site.described]))
			finish("no memory left, raise the domain's memory");
		else
			site.described++;
	} else if (!next_file(&e, &is_file)) {
		if (site.pass == COUNT)
			allocate();
		else
			site.pass = DESCRIBE;
	} else if (is_file && site.pass == COUNT) {
		site.files_max++;
	} else if (is_file && site.files_n < site.files_max) {
		enter(&e);
	}
}

bool site_build(void)
{
	for (uint32_t i = 0; i < SLICE && site.pass != BUILT; i++)
		build_one();
	return site.pass == BUILT;
}

const struct site_file *site_find(const char *path, uint32_t length)
{
	const struct site_file *f = lookup(path, length);

	/* A file without its description met the end of the memory; finish has said so. */
	return f && f->plain.head && (!f->gzip || f->gzip->head) ? f : NULL;
}

uint32_t site_files(void)
{
	return site.described;
}

/*
 * The bundle: the file that other machines boot from too, with the images added that only this
 * machine needs (executive/linux.mk packs them into the program).
 *
 * Two archives become one where the first one's trailer stood. A file that is none is taken as it
 * is: the first executive says what is wrong with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <moxie/cpio.h>
#include "executive/linux/host/boot.h"

extern const uint8_t linux_drivers[], linux_drivers_end[];

static const uint8_t *file;
static uint64_t file_size, first; /* bytes of the file that come before our images */

static uint64_t drivers_size(void)
{
	return (uint64_t)(linux_drivers_end - linux_drivers);
}

uint64_t bundle_size(const char *name)
{
	struct mx_cpio_entry entry;
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status))
		host_die(name, strerror(errno));
	file_size = (uint64_t)status.st_size;
	if (!file_size)
		return 0;
	file = mmap(NULL, file_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED)
		host_die(name, strerror(errno));
	close(fd);
	while (mx_cpio_next(file, file_size, &first, &entry))
		;
	return first == MX_CPIO_BAD ? file_size : first + drivers_size();
}

uint64_t bundle_read(void *to)
{
	if (!file_size)
		return 0;
	if (first == MX_CPIO_BAD) {
		memcpy(to, file, file_size);
		return file_size;
	}
	memcpy(to, file, first);
	memcpy((uint8_t *)to + first, linux_drivers, drivers_size());
	return first + drivers_size();
}

/*
 * What streams carry: this domain's own image in the bundle, over and over.
 *
 * Those are frozen frames, so nothing is copied on the way to the NIC; the image is there in any
 * case, takes no memory of its own, and is no secret, as old packets in fresh frames would be.
 */
#include <string.h>
#include <moxie/cpio.h>
#include "payload.h"

#define IMAGE "domains/iperf3.elf"

static uint64_t from; /* bytes from the first frozen one */
static uint32_t size, first;

void payload_start(void)
{
	const struct mx_pool *frozen = &mx_boot->pools[mx_boot->cores];
	struct mx_cpio_entry e;
	uint64_t bundle = 0;

	if (mx_boot->args_len >= sizeof(bundle))
		memcpy(&bundle, mx_boot->args, sizeof(bundle));
	if (bundle > (uint64_t)frozen->count * MX_PAGE ||
	    !mx_cpio_find(mx_frame(frozen->first), bundle, IMAGE, &e)) {
		mx_log("the bundle has no " IMAGE ": nothing can be sent");
		return;
	}
	first = frozen->first;
	from = e.offset;
	size = (uint32_t)e.size;
}

uint32_t payload_piece(struct mx_msg *m, uint64_t at, uint64_t most)
{
	uint32_t done = size ? (uint32_t)(at % size) : 0, offset = (from + done) % MX_PAGE;
	uint32_t length = MX_PAGE - offset < size - done ? MX_PAGE - offset : size - done;

	if (length > most)
		length = (uint32_t)most;
	*m = (struct mx_msg){.frame = first + (uint32_t)((from + done) / MX_PAGE),
	                     .offset = (uint16_t)offset,
	                     .length = (uint16_t)length};
	return length;
}

uint32_t payload_chain(struct mx_msg *chain, uint32_t most, uint32_t length)
{
	uint32_t n = 0, done = 0;

	while (done < length && n < most) {
		uint32_t piece = payload_piece(&chain[n], done, length - done);

		if (!piece)
			break;
		done += piece;
		n++;
	}
	return n;
}

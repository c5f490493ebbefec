/*
 * See transmit.h.
 */
#include <errno.h>
#include <moxie/domain.h>
#include "driver.h"

#define ETHER_HEADER 14u
#define SWEEP        (50 * MX_MS) /* between looks at what waits */

/* The pieces of a chain; its bytes, or 0 when it cannot be sent. */
static uint32_t prepare(const struct mx_msg *chain, uint32_t n, struct iovec *pieces)
{
	uint32_t length = 0;

	if (n > MX_CHAIN_MAX || chain[0].kind != MX_RAW || chain[0].length < MX_VNET)
		return 0;
	for (uint32_t i = 0; i < n; i++) {
		uint64_t bus = mx_bus_of(&chain[i]);

		if (!bus || chain[i].length == 0)
			return 0;
		pieces[1 + i] = (struct iovec){(void *)bus, chain[i].length};
		length += chain[i].length;
	}
	device_part(&device, pieces);
	return length < MX_VNET + ETHER_HEADER ? 0 : length - device.gap;
}

/* False: the host has no room now. */
static bool put(struct transmitter *t, const struct mx_msg *chain, uint32_t n,
                const struct iovec *pieces, uint32_t length)
{
	long result = device_write(&device, pieces, n);

	if (result == -EAGAIN)
		return false;
	if (result == length)
		t->packets++;
	else
		t->errors++;
	mx_free_chain(chain, n);
	return true;
}

void transmit(struct transmitter *t, const struct mx_msg *chain, uint32_t n)
{
	struct iovec pieces[1 + MX_CHAIN_MAX];
	uint32_t length = prepare(chain, n, pieces);

	if (length == 0) {
		t->bad++;
		mx_free_chain(chain, n);
	} else if (t->park.waiting || !put(t, chain, n, pieces, length)) {
		if (park_add(&t->park, chain, n))
			return;
		t->full++;
		mx_free_chain(chain, n);
	}
}

void transmit_parked(struct transmitter *t)
{
	struct mx_msg chain[MX_CHAIN_MAX];
	struct iovec pieces[1 + MX_CHAIN_MAX];
	uint32_t n;

	while ((n = park_peek(&t->park, chain)) > 0) {
		uint32_t length = prepare(chain, n, pieces);

		mx_assert(length); /* as it was before parking */
		if (!put(t, chain, n, pieces, length))
			return;
		park_take(&t->park, n);
	}
}

void transmit_wait(struct transmitter *t)
{
	if (t->park.waiting)
		mx_wake_at(mx_now() + SWEEP);
}

void transmit_forget(struct transmitter *t)
{
	park_forget(&t->park);
}

/*
 * The control connection: bytes in, as many as the test waits for; bytes out, in order.
 *
 * Interface: see control.h. Rules: nothing of the client is kept but what was asked for, and that
 * has a fixed place. What is said in one test is a few states and one text, and fits the buffer.
 */
#include <string.h>
#include <moxie/slots.h>
#include "control.h"
#include "test.h"

static struct link *control;
static uint8_t in[CONTROL_IN];
static uint32_t have, want;
static bool skipping;
static char out[CONTROL_OUT];
static uint32_t out_from, out_to;
static bool closing;

void control_open(struct link *l)
{
	if (control)
		link_close(control); /* the last client's, which has its results */
	control = l;
	have = want = out_from = out_to = 0;
	closing = false;
}

bool control_is(const struct link *l)
{
	return control == l;
}

void control_close(void)
{
	closing = true;
}

void control_abort(void)
{
	if (control)
		link_abort(control);
	control = NULL;
}

void control_forget(void)
{
	control = NULL;
}

void control_expect(uint32_t n)
{
	mx_assert(n && n <= CONTROL_IN);
	have = 0;
	want = n;
	skipping = false;
}

void control_skip(uint32_t n)
{
	have = 0;
	want = n;
	skipping = true;
}

const uint8_t *control_bytes(void)
{
	return in;
}

void control_data(const uint8_t *data, uint32_t length)
{
	const struct link *l = control;

	while (length && control == l && !closing) {
		uint32_t n = length < want - have ? length : want - have;

		if (!skipping)
			memcpy(in + have, data, n);
		have += n;
		data += n;
		length -= n;
		if (have == want)
			test_step();
	}
}

static void put(const void *data, uint32_t length)
{
	mx_assert(length <= CONTROL_OUT - out_to);
	memcpy(out + out_to, data, length);
	out_to += length;
}

void control_state(uint8_t state)
{
	put(&state, 1);
}

void control_number(uint32_t number)
{
	uint32_t big = __builtin_bswap32(number);

	put(&big, sizeof(big));
}

char *control_text(uint32_t *room)
{
	*room = CONTROL_OUT - out_to - (uint32_t)sizeof(uint32_t) - 1; /* and a state behind it */
	return out + out_to + sizeof(uint32_t);
}

void control_wrote(uint32_t length)
{
	control_number(length);
	mx_assert(length < CONTROL_OUT - out_to);
	out_to += length;
}

/* One frame's worth; false: no frame or no room now. */
static bool send(void)
{
	uint32_t length = out_to - out_from < MX_PAGE ? out_to - out_from : MX_PAGE;
	uint32_t frame = link_frame();

	if (frame == MX_NOFRAME) {
		mx_wake_at(mx_now() + MX_MS);
		return false;
	}
	memcpy(mx_frame(frame), out + out_from, length);
	if (!link_send(control, frame, 0, length)) {
		mx_free(frame);
		mx_thirst(MX_APP_STACK);
		return false;
	}
	out_from += length;
	return true;
}

void control_pump(void)
{
	if (!control)
		return;
	while (out_from < out_to)
		if (!send())
			return;
	out_from = out_to = 0;
	if (closing) {
		link_close(control);
		control = NULL;
	}
}

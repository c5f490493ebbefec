/*
 * Frames as pbufs: received data stays where it is, from the driver to the application.
 *
 * Interface: see frame.h; stack_frame_share is lwIP's limit for out-of-order data.
 * Rules: one custom pbuf owns one frame; freeing the pbuf frees the frame, unless it was given
 * on. The pbufs are as many as frames the domain may hold, so that the quota is the only limit.
 */
#include <string.h>
#include <moxie/kept.h>
#include <moxie/packet.h>
#include "frame.h"
#include "hooks.h"

struct frame_pbuf {
	struct pbuf_custom custom; /* first: lwIP hands us its address */
	uint32_t frame;            /* MX_NOFRAME once it was given on */
	struct frame_pbuf *next;   /* in the list of free ones */
};

static struct frame_pbuf pbufs[FRAME_PBUFS];
static struct frame_pbuf *spare;
static uint32_t total;
uint64_t frame_used;
uint64_t frame_short MX_KEPT;

void frame_start(void)
{
	total = mx_boot->quota < FRAME_PBUFS ? mx_boot->quota : FRAME_PBUFS;
	for (uint32_t i = total; i-- > 0;) {
		pbufs[i].next = spare;
		spare = &pbufs[i];
	}
}

static void release(struct pbuf *p)
{
	struct frame_pbuf *f = (struct frame_pbuf *)p;

	if (f->frame != MX_NOFRAME)
		mx_free(f->frame);
	f->next = spare;
	spare = f;
	frame_used--;
}

static struct pbuf *wrap(const struct mx_msg *m)
{
	struct frame_pbuf *f = spare;

	if (!f)
		return NULL;
	spare = f->next;
	frame_used++;
	f->frame = m->frame;
	f->custom.custom_free_function = release;
	return pbuf_alloced_custom(PBUF_RAW, m->length, PBUF_REF, &f->custom,
	                           (uint8_t *)mx_frame(m->frame) + m->offset, m->length);
}

struct pbuf *frame_wrap(const struct mx_msg *chain, uint32_t n)
{
	struct pbuf *head = NULL;
	uint32_t bytes = 0;

	for (uint32_t i = 0; i < n; i++)
		bytes += chain[i].length;
	for (uint32_t i = 0; i < n; i++) {
		struct pbuf *p = bytes <= UINT16_MAX ? wrap(&chain[i]) : NULL;

		if (!p) { /* the rest of the frames are still ours, the head owns its own */
			frame_short++;
			mx_free_chain(chain + i, n - i);
			if (head)
				pbuf_free(head);
			return NULL;
		}
		if (head)
			pbuf_cat(head, p);
		else
			head = p;
	}
	return head;
}

static struct frame_pbuf *own(struct pbuf *p)
{
	struct pbuf_custom *c = (struct pbuf_custom *)p;

	if (!(p->flags & PBUF_FLAG_IS_CUSTOM) || c->custom_free_function != release || p->ref != 1)
		return NULL;
	return (struct frame_pbuf *)p;
}

bool frame_offer(struct pbuf *p, struct mx_msg *m)
{
	struct frame_pbuf *f = own(p);

	m->length = p->len;
	if (f) {
		m->frame = f->frame;
		m->offset = (uint16_t)((uint8_t *)p->payload - (uint8_t *)mx_frame(f->frame));
		return true;
	}
	mx_assert(p->len <= MX_PAGE);
	m->frame = mx_alloc();
	m->offset = 0;
	if (m->frame == MX_NOFRAME)
		return false;
	memcpy(mx_frame(m->frame), p->payload, p->len);
	return true;
}

void frame_given(struct pbuf *p)
{
	struct frame_pbuf *f = own(p);

	if (f)
		f->frame = MX_NOFRAME;
}

void frame_keep(struct pbuf *p, const struct mx_msg *m)
{
	if (!own(p))
		mx_free(m->frame);
}

/*
 * A connection may hold back a quarter of what is left (Choudhury and Hahne's dynamic threshold):
 * one slow or hostile peer gets much while nobody else wants it, and never all.
 */
uint16_t stack_frame_share(void)
{
	uint32_t left = total > frame_used ? total - (uint32_t)frame_used : 0;

	return (uint16_t)(left / 4);
}

/*
 * What applications hand over to be sent, as queues of pieces.
 *
 * Rules: a piece owns its frame unless that is frozen. Frozen content that goes on where the last
 * piece ends joins it, so a large file takes one piece, however many frames it has.
 */
#include "piece.h"

#define PIECES 8192u

static struct piece table[PIECES];
static struct piece *spare;
uint64_t piece_used;

void piece_start(void)
{
	for (uint32_t i = PIECES; i-- > 0;) {
		table[i].next = spare;
		spare = &table[i];
	}
}

static bool joins(const struct piece *p, const struct mx_msg *m)
{
	uint64_t end = (uint64_t)p->frame * MX_PAGE + p->offset + p->length;

	return end == (uint64_t)m->frame * MX_PAGE + m->offset && mx_is_frozen(p->frame) &&
	       mx_is_frozen(m->frame);
}

bool piece_push(struct pieces *q, const struct mx_msg *m)
{
	struct piece *p = spare;

	if (q->tail && joins(q->tail, m)) {
		q->tail->length += m->length;
		return true;
	}
	if (!p)
		return false;
	spare = p->next;
	piece_used++;
	*p = (struct piece){.frame = m->frame, .offset = m->offset, .length = m->length};
	piece_append(q, p);
	return true;
}

struct piece *piece_pop(struct pieces *q)
{
	struct piece *p = q->head;

	q->head = p->next;
	if (!q->head)
		q->tail = NULL;
	return p;
}

void piece_append(struct pieces *q, struct piece *p)
{
	p->next = NULL;
	if (q->tail)
		q->tail->next = p;
	else
		q->head = p;
	q->tail = p;
}

void piece_free(struct piece *p)
{
	mx_free(p->frame);
	p->next = spare;
	spare = p;
	piece_used--;
}

void piece_drop(struct pieces *q)
{
	while (q->head)
		piece_free(piece_pop(q));
}

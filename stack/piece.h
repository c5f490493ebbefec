#ifndef STACK_PIECE_H
#define STACK_PIECE_H

#include <moxie/domain.h>

/* Bytes of an application's stream: part of an owned frame, or of a run of frozen frames. */
struct piece {
	struct piece *next;
	uint32_t frame;
	uint32_t offset; /* from the start of frame */
	uint32_t length;
	uint32_t end;  /* kept: sequence number behind its last byte */
	bool referred; /* a part of it was given to TCP by reference */
};
struct pieces {
	struct piece *head, *tail;
};

void piece_start(void);
/* false: none left, nothing was taken. */
bool piece_push(struct pieces *q, const struct mx_msg *m);
struct piece *piece_pop(struct pieces *q);
void piece_append(struct pieces *q, struct piece *p);
void piece_free(struct piece *p); /* and its frame */
void piece_drop(struct pieces *q);

extern uint64_t piece_used;

#endif

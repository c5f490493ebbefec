/*
 * Two executives, a domain on each, an owning channel between them: the table of one side. The
 * executive's exchange is the real one (exchange.c, collect.c, remote.c, frame.c, fifo.c).
 */
#ifndef MODEL_PAIR_H
#define MODEL_PAIR_H

#include "executive/domain.h"

#define PAIR_DEPTH 2u
#define PAIR_POOL  2u /* frames, all of core 0 */

struct pair_cell {
	void (*start)(uint32_t self, void *fifos);
	uint64_t (*area)(uint32_t cores);
	struct domain *domain;
	int64_t (*exchange)(struct domain *d, uint64_t now);
	bool (*sleep)(void); /* as core_run does, after all was told; true: it may idle */
	void (*woken)(void);
	void (*drain)(void);
	uint32_t (*at_home)(void);         /* frames of the own pool */
	uint32_t (*owner)(uint32_t frame); /* on this core: index of a domain, or 0 */
};
extern const struct pair_cell pair_0, pair_1;

#endif

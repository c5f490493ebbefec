/*
 * Changes of the lattice, agreed on by all executives or by none.
 *
 * Interface: agree_turn proposes what is due (changes.h), agree_told handles what others say,
 * agree_lost forgets a core.
 *
 * Who has a change proposes it to the arbiter, the lowest living core. That takes one proposal at a
 * time, numbers it, and has all vote (PREPARE, VOTE): a change that any replica cannot make is made
 * by none. Its decision (COMMIT, ABORT) is carried out where it arrives; FIFOs keep their order, so
 * all replicas go through the same changes in the same order.
 *
 * A lost core has no vote. When it was the arbiter, each living core tells the next one how far it
 * came (STATE), and proposes again what was not decided. When any of them had the last decision,
 * all had voted, so the new arbiter knows what it was about and repeats it; else it is called off.
 *
 * Rules: each core has one proposal under way. agree_lost comes after all that the lost core had
 * said was heard, and nothing of it is heard afterwards. changes.c says what a change is.
 */
#ifndef EXECUTIVE_AGREE_H
#define EXECUTIVE_AGREE_H

#include "executive/fifo.h"

enum agree_step {
	AGREE_PROPOSE,
	AGREE_PREPARE,
	AGREE_VOTE, /* from_slot: yes */
	AGREE_COMMIT,
	AGREE_ABORT,
	AGREE_FORGET, /* what was voted on is not decided */
	AGREE_STATE,  /* key: the last one carried out */
};

void agree_init(void);
void agree_turn(void);
void agree_told(const struct remote *r);
void agree_lost(uint32_t core);
bool agree_arbitrates(void); /* this core does */

#endif

/*
 * When a domain that has ended comes back: pure arithmetic of times.
 *
 * Interface: policy_ready when it works, policy_ended when it has ended or could not be started.
 * Rules: the first restart is at once. One that ends again before it has worked for POLICY_WORKED
 * waits, each time twice as long; one that has worked so long begins anew. After `limit` restarts
 * in a row without that it stays down. An end that the operator asked for is no failure: it is
 * followed by a restart at once, and does not count.
 */
#ifndef INIT_POLICY_H
#define INIT_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#define POLICY_NEVER  UINT64_MAX
#define POLICY_FIRST  100000000ull   /* ns: the wait before the second restart in a row */
#define POLICY_MOST   10000000000ull /* ns: and no wait is longer than this */
#define POLICY_WORKED 5000000000ull  /* ns: who has worked so long is forgiven */
#define POLICY_LIMIT  20u            /* restarts in a row, unless the configuration says more */

struct policy {
	bool never;
	uint32_t limit;
	uint32_t row;      /* restarts in a row that did not work long */
	uint64_t ready_at; /* ns: since when it works; 0: it does not yet */
};

void policy_ready(struct policy *p, uint64_t now);
/* When to start it again, now or later; POLICY_NEVER: it is given up. */
uint64_t policy_ended(struct policy *p, uint64_t now, bool asked);

#endif

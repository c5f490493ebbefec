/* A message in memory and a futex that counts: whoever waits for it sleeps in the kernel. */
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "tests/ring/ring.h"

struct box {
	_Alignas(64) uint32_t sent;
	uint32_t taken;
	_Alignas(64) struct words64 words;
};
static struct box there, back;

static void clear(void)
{
	there.sent = there.taken = back.sent = back.taken = 0;
}

static inline bool send(struct box *b, const struct words64 *m)
{
	b->words = *m;
	__atomic_store_n(&b->sent, b->sent + 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &b->sent, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	return true;
}

static inline bool receive(struct box *b, struct words64 *m)
{
	while (__atomic_load_n(&b->sent, __ATOMIC_ACQUIRE) == b->taken)
		syscall(SYS_futex, &b->sent, FUTEX_WAIT_PRIVATE, b->taken, NULL, NULL, 0);
	b->taken++;
	*m = b->words;
	return true;
}

static bool go(const struct words64 *m)
{
	return send(&there, m);
}

static bool come(struct words64 *m)
{
	return receive(&there, m);
}

static bool go_back(const struct words64 *m)
{
	return send(&back, m);
}

static bool come_back(struct words64 *m)
{
	return receive(&back, m);
}
RING_END(RING_PART, near64, struct words64, go, come_back);
RING_END(RING_PART, far64, struct words64, go_back, come);

const struct race futex_races[] = {
        RING_ROUND("futex", 64, clear), RING_BACK("futex", 64, clear), {0}};

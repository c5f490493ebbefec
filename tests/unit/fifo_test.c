/* A FIFO to and from a core that is lost. What else FIFOs promise is checked by tests/model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "executive/fifo.c" /* for what the other end writes */

enum { LOST = 1, OTHER = 2, CORES = 3 };

uint32_t self;
struct machine machine = {.cores = CORES};

void *direct(uint64_t phys)
{
	return (void *)phys;
}

void arch_ring(uint32_t core)
{
	(void)core;
}

static bool push(uint32_t core, uint32_t most)
{
	struct remote r = {.kind = most == MOST_FRAME ? REMOTE_FRAME : REMOTE_HOME};

	return fifo_push(core, &r, most);
}

/* It fills up; once it is closed all goes in, and nothing is there. */
static void closed_takes_all(void **state)
{
	uint32_t n = 0;

	(void)state;
	while (push(LOST, MOST_OTHER))
		n++;
	assert_int_equal(n, MOST_OTHER);
	fifo_publish();
	assert_true(fifo_pending(LOST));
	assert_true(push(LOST, MOST_CONTROL)); /* never published */
	fifo_close(LOST);
	for (uint32_t i = 0; i < 3 * FIFO_SLOTS; i++) {
		assert_true(push(LOST, MOST_OTHER));
		assert_true(push(LOST, MOST_CONTROL));
		assert_true(push(LOST, MOST_FRAME));
	}
	fifo_publish();
	assert_true(fifo_pending(LOST)); /* as it was */
}

static void others_are_as_before(void **state)
{
	uint32_t n = 0;

	(void)state;
	while (push(OTHER, MOST_OTHER))
		n++;
	assert_int_equal(n, MOST_OTHER);
}

/* What it has said is heard, what it says later is not, and keeps nobody awake. */
static void deaf_to_it(void **state)
{
	struct fifo *from = fifo(LOST, self);
	struct remote r;

	(void)state;
	from->slots[0].key = 7;
	from->tail = 1;
	assert_false(fifo_sleep());
	assert_true(fifo_pull_from(LOST, &r));
	assert_int_equal(r.key, 7);
	assert_false(fifo_pull_from(LOST, &r));
	fifo_deaf(LOST);
	from->tail = 2;
	assert_false(fifo_pull(&r));
	assert_true(fifo_sleep());
	fifo_woken();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(closed_takes_all),
	        cmocka_unit_test(others_are_as_before),
	        cmocka_unit_test(deaf_to_it),
	};
	size_t size = (fifo_area_bytes(CORES) + 4095) / 4096 * 4096;

	machine.fifos.base = (uint64_t)aligned_alloc(4096, size);
	memset((void *)machine.fifos.base, 0, size);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

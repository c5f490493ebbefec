/* Frames of the machine: see frames.h. */
#include <sanitizer/asan_interface.h>
#include <string.h>
#include <sys/mman.h>
#include "tests/fuzz/frames.h"
#include "tests/fuzz/machine.h"

static uint8_t *memory, *heap;
static uint8_t holder[MACHINE_FRAMES];
static uint32_t home[MACHINE_FRAMES], home_n, held;

uint8_t *frames_bytes(uint32_t frame)
{
	return memory + (size_t)frame * MX_PAGE;
}

void *frames_heap(void)
{
	return heap;
}

void frames_show(uint32_t frame)
{
	ASAN_UNPOISON_MEMORY_REGION(frames_bytes(frame), MX_PAGE);
}

void frames_hold(uint32_t frame, enum holder h)
{
	held += (h != HOME) - (holder[frame] != HOME);
	holder[frame] = (uint8_t)h;
	if (h == HOME)
		home[home_n++] = frame;
	if (h == MAPPED)
		frames_show(frame);
	else
		ASAN_POISON_MEMORY_REGION(frames_bytes(frame), MX_PAGE);
}

enum holder frames_holder(uint32_t frame)
{
	return holder[frame];
}

uint32_t frames_take(void)
{
	uint32_t frame = home[--home_n];

	frames_show(frame);
	memset(frames_bytes(frame), 0xdb, MX_PAGE);
	return frame;
}

bool frames_frozen(uint32_t frame)
{
	return frame - MACHINE_FRAMES < MACHINE_FROZEN;
}

uint32_t frames_held(void)
{
	return held;
}

uint32_t frames_home(void)
{
	return home_n;
}

static void map_memory(void)
{
	size_t n = (size_t)(MACHINE_FRAMES + MACHINE_FROZEN) * MX_PAGE;

	memory = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	heap = mmap(NULL, MACHINE_HEAP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fuzz_assert(memory != MAP_FAILED && heap != MAP_FAILED);
	for (uint32_t i = 0; i < MACHINE_FROZEN * MX_PAGE; i++)
		frames_bytes(MACHINE_FRAMES)[i] = (uint8_t)(i * 7 + (i >> 8));
	mprotect(frames_bytes(MACHINE_FRAMES), MACHINE_FROZEN * MX_PAGE, PROT_READ);
}

void frames_reset(void)
{
	if (!memory)
		map_memory();
	madvise(heap, MACHINE_HEAP, MADV_DONTNEED); /* zeroes, where it was used */
	held = home_n = 0;
	memset(holder, HOME, sizeof(holder));
	for (uint32_t i = MACHINE_FRAMES; i-- > 0;)
		home[home_n++] = i;
	ASAN_POISON_MEMORY_REGION(memory, MACHINE_FRAMES * MX_PAGE);
}

void machine_frozen(const void *bytes, uint32_t n)
{
	uint8_t *to = frames_bytes(MACHINE_FRAMES);

	fuzz_assert(n <= MACHINE_FROZEN * MX_PAGE);
	mprotect(to, MACHINE_FROZEN * MX_PAGE, PROT_READ | PROT_WRITE);
	memcpy(to, bytes, n);
	mprotect(to, MACHINE_FROZEN * MX_PAGE, PROT_READ);
}

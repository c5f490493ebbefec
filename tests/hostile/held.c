/* Frames held: see held.h. */
#include "tests/hostile/dice.h"
#include "tests/hostile/held.h"

static uint32_t list[HELD_FRAMES], n;
static uint16_t place[HELD_FRAMES]; /* in the list, plus 1 */
static bool shown[HELD_FRAMES];
static uint64_t word;

void held_open(uint64_t cookie)
{
	word = cookie;
}

static volatile uint64_t *mark(uint32_t frame)
{
	return (volatile uint64_t *)mx_frame(frame) + frame % (MX_PAGE / sizeof(uint64_t));
}

uint32_t held_n(void)
{
	return n;
}

bool held_has(uint32_t frame)
{
	return frame < HELD_FRAMES && place[frame];
}

uint32_t held_any(void)
{
	return n ? list[dice_below(n)] : MX_NOFRAME;
}

void held_map(uint32_t frame, bool mapped)
{
	shown[frame] = mapped;
	if (mapped)
		*mark(frame) = dice_mix(word ^ frame);
}

void held_add(uint32_t frame, bool mapped)
{
	MUST(frame < HELD_FRAMES && !mx_is_frozen(frame) && mx_bus(frame));
	MUST(!place[frame]);
	list[n] = frame;
	place[frame] = (uint16_t)++n;
	held_map(frame, mapped);
}

void held_drop(uint32_t frame)
{
	uint32_t at = place[frame] - 1u, last = list[n - 1];

	list[at] = last;
	place[last] = (uint16_t)(at + 1);
	place[frame] = 0;
	n--;
}

void held_look(uint32_t frame)
{
	MUST(!shown[frame] || *mark(frame) == dice_mix(word ^ frame));
}

void held_look_all(void)
{
	for (uint32_t i = 0; i < n; i++)
		held_look(list[i]);
}

/*
 * The end by a fault, for any domain's image: once it has worked for a while it writes where
 * nothing is, in every life anew. All else is the domain as it ships: its own domain_event has
 * another name here.
 */
#include <moxie/domain.h>

#define WORKS (6 * MX_S) /* longer than init remembers failures: each restart is at once */

void faulty_event(const struct mx_msg *in, uint32_t n, uint64_t pending);

void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	static volatile uint8_t *volatile nowhere;
	static uint64_t end;

	if (!end)
		end = mx_now() + WORKS;
	else if (mx_now() > end)
		*nowhere = 0;
	faulty_event(in, n, pending);
}

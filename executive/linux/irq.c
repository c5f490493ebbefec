/*
 * Interrupts of this core: descriptors that became ready, told by the core's epoll set.
 *
 * A number is free or bound to a duplicate of a port's or the console's descriptor, so that reading
 * and writing are two members of the set. Edges only: who waits has met EAGAIN.
 * Rules: one set a core; the bell of other cores is in it as number 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>
#include "executive/core.h"
#include "executive/linux/core.h"

#define BATCH 16
#define S     1000000000ull

static struct irq {
	bool used, always;
	int fd;
} irqs[CORE_IRQS];
static bool always; /* some descriptor cannot be waited for: a file is ever ready */

static uint32_t take(int fd, bool write)
{
	uint32_t i = 1;
	struct epoll_event e = {.events = (write ? EPOLLOUT : EPOLLIN) | EPOLLET};

	while (i < CORE_IRQS && irqs[i].used)
		i++;
	fd = i < CORE_IRQS ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
	if (fd < 0)
		return 0;
	e.data.u32 = i;
	irqs[i] = (struct irq){true, false, fd};
	if (epoll_ctl(seat->epoll, EPOLL_CTL_ADD, fd, &e) == 0)
		return i;
	if (errno == EPERM) {
		irqs[i].always = always = true;
		return i;
	}
	close(fd);
	irqs[i].used = false;
	return 0;
}

uint32_t arch_irq_msix(const struct device *d, uint32_t vector)
{
	bool write;
	int fd = host_vector(d, vector, &write);

	return fd < 0 ? 0 : take(fd, write);
}

uint32_t arch_irq_uart(void)
{
	return take(STDIN_FILENO, false);
}

void arch_irq_release(uint32_t irq)
{
	if (irq == 0 || irq >= CORE_IRQS || !irqs[irq].used)
		return;
	epoll_ctl(seat->epoll, EPOLL_CTL_DEL, irqs[irq].fd, NULL); /* others keep the file open */
	close(irqs[irq].fd);
	irqs[irq].used = false;
}

static void raise_always(void)
{
	always = false;
	for (uint32_t i = 1; i < CORE_IRQS; i++)
		if (irqs[i].used && irqs[i].always) {
			irqs[i].always = false; /* an edge: once */
			core_irq(i);
		}
}

void irq_wait(uint64_t ns)
{
	struct timespec limit = {(time_t)(ns / S), (long)(ns % S)};
	struct epoll_event e[BATCH];
	int n;

	if (always)
		raise_always();
	n = epoll_pwait2(seat->epoll, e, BATCH, &limit, NULL);
	if (n < 0 && errno == ENOSYS)
		n = epoll_wait(seat->epoll, e, BATCH,
		               ns / 1000000 < 1000 ? (int)(ns / 1000000) : 1000);
	for (int i = 0; i < n; i++)
		if (e[i].data.u32)
			core_irq(e[i].data.u32);
}

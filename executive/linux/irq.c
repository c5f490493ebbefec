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

static uint32_t take(void)
{
	for (uint32_t i = 1; i < CORE_IRQS; i++)
		if (!irqs[i].used) {
			irqs[i] = (struct irq){true, false, -1};
			return i;
		}
	return 0;
}

static uint32_t wait_for(int fd, bool write)
{
	uint32_t i = take();
	struct epoll_event e = {.events = (write ? EPOLLOUT : EPOLLIN) | EPOLLET, .data.u32 = i};

	fd = i ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
	irqs[i] = (struct irq){fd >= 0, false, fd};
	if (fd < 0)
		return 0;
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

	if (vector == 0)
		return take(); /* the configuration's: it stays as it is */
	return fd < 0 ? 0 : wait_for(fd, write);
}

uint32_t arch_irq_uart(void)
{
	return wait_for(STDIN_FILENO, false);
}

uint32_t arch_irq_left(void)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i < CORE_IRQS; i++)
		n += !irqs[i].used;
	return n;
}

void arch_irq_release(uint32_t irq)
{
	if (irq == 0 || irq >= CORE_IRQS || !irqs[irq].used)
		return;
	if (irqs[irq].fd >= 0) {
		/* Others keep the file open, so closing takes it out of no set. */
		epoll_ctl(seat->epoll, EPOLL_CTL_DEL, irqs[irq].fd, NULL);
		close(irqs[irq].fd);
	}
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
	static bool fine = true; /* ns and not ms: neither old kernels nor valgrind know how */
	struct timespec limit = {(time_t)(ns / S), (long)(ns % S)};
	struct epoll_event e[BATCH];
	int n;

	if (always)
		raise_always();
	n = fine ? epoll_pwait2(seat->epoll, e, BATCH, &limit, NULL) : 0;
	if (n < 0 && errno == ENOSYS)
		fine = false;
	if (!fine)
		n = epoll_wait(seat->epoll, e, BATCH,
		               ns / 1000000 < 1000 ? (int)(ns / 1000000) : 1000);
	for (int i = 0; i < n; i++)
		if (e[i].data.u32)
			core_irq(e[i].data.u32);
}

/*
 * The images that stand in the process, for the sanitizer: see linked.h.
 *
 * The address sanitizer is told of an image's globals by its constructor, in the image's memory,
 * and reads that again when the globals go. By then the memory may be another's: a domain is ended
 * from outside, and its destructors never run. So it is told of a copy.
 * The names and headers of images stand in what dl_iterate_phdr tells, which is how a report comes
 * to functions and lines.
 */
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "executive/linux/sanitized/host/link.h"
#include "executive/linux/sanitized/host/linked.h"

/* Of the sanitizer's ABI (gcc/asan.cc, asan_globals): constant since version 8. */
struct global {
	uint64_t begin, size, with_redzone;
	const char *name, *module;
	uint64_t initialized_by_code;
	const void *location;
	uint64_t
	        odr; /* a byte in the image, only for a check that copies of an image cannot pass */
};
void __asan_register_globals(void *globals, long n) __attribute__((weak));
void __asan_unregister_globals(void *globals, long n) __attribute__((weak));

struct image {
	struct image *next;
	const uint8_t *at;
	char *name;
};
/* What one constructor has told. */
struct globals {
	struct globals *next;
	uint64_t first; /* where the first of them is */
	uint64_t n;
	struct global all[]; /* out of reach while they are registered */
};
static struct image *images;
static struct globals *told;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

void linked_add(const uint8_t *image, const char *name)
{
	struct image *i = must(malloc(sizeof *i));

	*i = (struct image){.at = image, .name = must(strdup(name))};
	pthread_mutex_lock(&lock);
	i->next = images;
	images = i;
	pthread_mutex_unlock(&lock);
}

static void register_globals(const struct global *globals, uint64_t n)
{
	struct globals *g = must(malloc(sizeof *g + n * sizeof *globals));

	g->first = globals[0].begin;
	g->n = n;
	memcpy(g->all, globals, n * sizeof *globals);
	for (uint64_t i = 0; i < n; i++)
		g->all[i].odr = 0;
	__asan_register_globals(g->all, (long)n);
	pthread_mutex_lock(&lock);
	g->next = told;
	told = g;
	pthread_mutex_unlock(&lock);
}

void *linked_instead(const char *name)
{
	return strcmp(name, "__asan_register_globals") == 0 ? (void *)register_globals : NULL;
}

static void forget_globals(uint64_t from, uint64_t size)
{
	for (struct globals **at = &told, *g; (g = *at);) {
		if (g->first - from >= size) {
			at = &g->next;
			continue;
		}
		*at = g->next;
		__asan_unregister_globals(g->all, (long)g->n);
		free(g);
	}
}

void host_unlink(const uint8_t *from, uint64_t size)
{
	pthread_mutex_lock(&lock);
	forget_globals((uint64_t)from, size);
	for (struct image **at = &images, *i; (i = *at);) {
		if ((uint64_t)(i->at - from) >= size) {
			at = &i->next;
			continue;
		}
		*at = i->next;
		free(i->name);
		free(i);
	}
	pthread_mutex_unlock(&lock);
}

/* In place of libc's, for whoever asks in this program: the runtime itself does so before it works.
 */
__attribute__((no_sanitize("address", "thread", "undefined"))) int
dl_iterate_phdr(int (*tell)(struct dl_phdr_info *, size_t, void *), void *data)
{
	int (*rest)(int (*)(struct dl_phdr_info *, size_t, void *), void *) =
	        (void *)dlsym(RTLD_NEXT, "dl_iterate_phdr");
	int result = rest(tell, data);

	for (struct image *i = images; i && !result; i = i->next) {
		const Elf64_Ehdr *h = (const void *)i->at;
		struct dl_phdr_info info = {.dlpi_addr = (uint64_t)i->at,
		                            .dlpi_name = i->name,
		                            .dlpi_phdr = (const void *)(i->at + h->e_phoff),
		                            .dlpi_phnum = h->e_phnum};

		result = tell(&info, sizeof info, data);
	}
	return result;
}

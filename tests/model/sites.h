/*
 * Included before everything that is checked (-include): tells the checker which line of which file
 * an atomic operation is, so that it can be named, and weakened to see whether that is found.
 * The operation itself is the compiler's own.
 */
#ifndef MODEL_SITES_H
#define MODEL_SITES_H

struct model_site;
void model_at(struct model_site **site, const char *what, const char *file, const char *function,
              int line);

#define MODEL_AT(what)                                                                             \
	static struct model_site *site_;                                                           \
	model_at(&site_, what, __FILE__, __func__, __LINE__)

#define __atomic_load_n(p, order)                                                                  \
	({                                                                                         \
		MODEL_AT("load " #p);                                                              \
		__atomic_load_n(p, order);                                                         \
	})
#define __atomic_store_n(p, v, order)                                                              \
	({                                                                                         \
		MODEL_AT("store " #p);                                                             \
		__atomic_store_n(p, v, order);                                                     \
	})
#define __atomic_exchange_n(p, v, order)                                                           \
	({                                                                                         \
		MODEL_AT("exchange " #p);                                                          \
		__atomic_exchange_n(p, v, order);                                                  \
	})
#define __atomic_thread_fence(order)                                                               \
	({                                                                                         \
		MODEL_AT("fence");                                                                 \
		__atomic_thread_fence(order);                                                      \
	})

#endif

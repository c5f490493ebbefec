/* What the parts of the domain library share. Not for domains. */
#ifndef LIB_LOOP_H
#define LIB_LOOP_H

#include <moxie/domain.h>

/* The trap, called where there is no gate. */
int64_t mx_syscall(int64_t nr, uint64_t a, uint64_t b, uint64_t c);
/* Where entry.S goes, and then where start.c goes. */
_Noreturn void mx_loop(void);
void mx_log_open(void);
/* time.c */
void mx_time_open(void);

#endif

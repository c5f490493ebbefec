/*
 * The names of what domains run, for tools that look at the program from outside.
 *
 * Interface: symbols_born, called when a domain is about to run for the first time.
 * gdb has a breakpoint on symbols_told and adds the image's symbols (tools/gdb/domains.py). For
 * perf,
 * --perf-map writes /tmp/perf-PID.map, one function a line, and puts a copy of the code into memory
 * without a name: only there perf looks into that file.
 */
#ifndef LINUX_SYMBOLS_H
#define LINUX_SYMBOLS_H

#include <stdint.h>

/* `base`: where the image begins. */
void symbols_born(const char *domain, uint64_t base);
/* Does nothing: `image` is the name of its file in the bundle, without folder and .elf. */
void symbols_told(const char *domain, const char *image, uint64_t base);

#endif

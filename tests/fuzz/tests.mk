# Fuzzers: one line `FUZZ += name` each, and name_FUZZ_SRCS := what is linked with
# tests/fuzz/name_fuzz.c. tests/fuzz/name.dict is used when it is there. The rules stand in tools/fuzz.mk.
FUZZ += cpio
cpio_FUZZ_SRCS := lib/cpio.c
FUZZ += config
config_FUZZ_SRCS := $(wildcard config/*.c)
# A whole domain on tests/fuzz/machine.h: its own sources, and the library but for start and time.
FUZZ_MACHINE := $(addprefix tests/fuzz/,events.c machine.c packets.c rings.c state.c) \
                $(addprefix lib/,counters.c cpio.c frame.c log.c loop.c packet.c sum.c)
FUZZ += router
router_FUZZ_SRCS := $(FUZZ_MACHINE) $(router_SRCS)

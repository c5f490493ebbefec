# Fuzzers: one line `FUZZ += name` each, and name_FUZZ_SRCS := what is linked with
# tests/fuzz/name_fuzz.c. tests/fuzz/name.dict is used when it is there. The rules stand in tools/fuzz.mk.
FUZZ += cpio
cpio_FUZZ_SRCS := lib/cpio.c
FUZZ += config
config_FUZZ_SRCS := $(wildcard config/*.c)

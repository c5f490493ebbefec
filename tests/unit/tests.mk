# Host unit tests: one line `UNIT += name` and one `name_UNIT_SRCS := files under test` each.
# tests/unit/name_test.c is added by itself; name_UNIT_CFLAGS and name_UNIT_LIBS are optional.
# The rules stand in tools/test.mk.
UNIT += cpio
cpio_UNIT_SRCS := lib/cpio.c
UNIT += config
config_UNIT_SRCS := $(wildcard config/*.c)

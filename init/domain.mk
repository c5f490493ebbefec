DOMAINS += init
init_SRCS := $(wildcard init/*.c config/*.c iskra/*.c)
CFLAGS_DIR_init   := -I.
CFLAGS_DIR_config := -I.
CFLAGS_DIR_iskra  := -I.

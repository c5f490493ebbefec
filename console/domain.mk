DOMAINS += console
console_SRCS := $(wildcard console/*.c)
CFLAGS_DIR_console := -I.

# The same console by two serial lines; terminal is for the executive on Linux.
CONSOLE := $(filter-out console/uart.c console/terminal.c,$(wildcard console/*.c))
DOMAINS += console
console_SRCS := $(CONSOLE) console/uart.c
LINUX_DOMAINS += terminal
terminal_SRCS := $(CONSOLE) console/terminal.c
CFLAGS_DIR_console := -I.

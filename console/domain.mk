DOMAINS += console
console_SRCS := $(wildcard console/*.c)

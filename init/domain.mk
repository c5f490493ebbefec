DOMAINS += init
init_SRCS := $(wildcard init/*.c config/*.c)

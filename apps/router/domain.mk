DOMAINS += router
router_SRCS := $(wildcard apps/router/*.c)

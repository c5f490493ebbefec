DOMAINS += virtio-net
virtio-net_SRCS := $(wildcard drivers/net/*.c)

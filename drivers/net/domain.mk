# One image a kind of device; what they are to others, main.c, is the same.
NET_PORT := $(wildcard drivers/net/*.c)
DOMAINS  += virtio-net
virtio-net_SRCS := $(NET_PORT) $(wildcard drivers/net/virtio/*.c)
CFLAGS_DIR_drivers_net := -I.
CFLAGS_DIR_drivers_net_virtio := -I.
LINUX_DOMAINS += linux-net
linux-net_SRCS := $(NET_PORT) $(wildcard drivers/net/linux/*.c)
CFLAGS_DIR_drivers_net_linux := -I.

# The stack: our port layer and lwIP, which is fetched by tools/fetch-lwip and never committed.
# LWIP_DIR names a tree (the folder that holds src/) to use instead.
DOMAINS += stack
ifeq ($(LWIP_DIR),)
LWIP_DIR   := $(BUILD)/lwip/lwip
LWIP_READY := $(LWIP_DIR)/.ready
$(LWIP_READY):
	tools/fetch-lwip $(BUILD)/lwip
else
LWIP_READY :=
endif

# Listed by name: make must know them before the tree is there.
LWIP_CORE := $(addprefix core/,def inet_chksum init ip mem memp netif pbuf stats tcp tcp_in tcp_out \
             timeouts udp) \
             $(addprefix core/ipv4/,etharp icmp ip4 ip4_addr ip4_frag) \
             $(addprefix core/ipv6/,ethip6 icmp6 inet6 ip6 ip6_addr ip6_frag mld6 nd6) \
             netif/ethernet
LWIP_INC  := -Istack -isystem $(LWIP_DIR)/src/include

stack_SRCS := $(wildcard stack/*.c)
stack_LIBS := $(BUILD)/domain/lwip/liblwip.a
CFLAGS_DIR_stack := $(LWIP_INC)
# lwipopts.h is read through system headers, which -MMD leaves out: name it.
LWIP_CONF := stack/lwipopts.h stack/lwippools.h stack/hooks.h stack/arch/cc.h
$(patsubst %.c,$(BUILD)/domain/%.o,$(stack_SRCS)): $(LWIP_CONF) | $(LWIP_READY)

# lwIP is third-party: its own warnings, and shifts into the sign, are not ours to fix.
LWIP_OBJS := $(patsubst %,$(BUILD)/domain/lwip/%.o,$(LWIP_CORE))
$(LWIP_OBJS): $(BUILD)/domain/lwip/%.o: $(LWIP_CONF) | $(LWIP_READY)
	@mkdir -p $(@D)
	echo "  CC    $*.c"
	$(CC) $(DOMAIN_CFLAGS) $(if $(SANITIZE),-fno-sanitize=undefined) -w $(LWIP_INC) -c $(LWIP_DIR)/src/$*.c -o $@
$(BUILD)/domain/lwip/liblwip.a: $(LWIP_OBJS)
	@rm -f $@
	ar rcs $@ $^

# Host unit tests: one line `UNIT += name` and one `name_UNIT_SRCS := files under test` each.
# tests/unit/name_test.c is added by itself; name_UNIT_CFLAGS and name_UNIT_LIBS are optional.
# The rules stand in tools/test.mk.
UNIT += post
post_UNIT_SRCS := executive/post.c
UNIT += fifo
UNIT += changes
changes_UNIT_SRCS := executive/changes.c
UNIT += watch
watch_UNIT_SRCS := executive/watch.c
UNIT += elf
elf_UNIT_SRCS := executive/elf.c
UNIT += device
device_UNIT_SRCS := executive/device.c
UNIT += loader
loader_UNIT_SRCS := loader/elf.c loader/file.c loader/memory.c tests/unit/loader_host.c
loader_UNIT_CFLAGS := -fshort-wchar -DGNU_EFI_USE_MS_ABI -isystem /usr/include/efi -isystem /usr/include/efi/x86_64
UNIT += screen
screen_UNIT_SRCS := lib/screen.c
UNIT += cpio
cpio_UNIT_SRCS := lib/cpio.c
UNIT += config
config_UNIT_SRCS := $(wildcard config/*.c)
UNIT += sum packet
sum_UNIT_SRCS := lib/sum.c tests/unit/frames.c
packet_UNIT_SRCS := lib/packet.c lib/sum.c tests/unit/frames.c
ROUTER_HOST := tests/unit/router_host.c tests/unit/router_build.c lib/packet.c lib/sum.c \
               lib/counters.c lib/kept.c $(filter-out apps/router/main.c,$(wildcard apps/router/*.c))
UNIT += router_lpm router_forward router_neighbour router_icmp
router_lpm_UNIT_SRCS := $(ROUTER_HOST)
router_forward_UNIT_SRCS := $(ROUTER_HOST)
router_neighbour_UNIT_SRCS := $(ROUTER_HOST)
router_icmp_UNIT_SRCS := $(ROUTER_HOST)
UNIT += router_restart
router_restart_UNIT_SRCS := $(ROUTER_HOST)
UNIT += router_replica
router_replica_UNIT_SRCS := $(ROUTER_HOST)
UNIT += router_segment
router_segment_UNIT_SRCS := $(ROUTER_HOST)
UNIT += queue net
queue_UNIT_SRCS := drivers/net/virtio/queue.c tests/unit/virtio_side.c
net_UNIT_SRCS := $(addprefix drivers/net/virtio/,queue.c receive.c transmit.c) drivers/net/park.c lib/packet.c lib/sum.c \
                 tests/unit/virtio_side.c tests/unit/frames.c
UNIT += linux_net
linux_net_UNIT_SRCS := $(addprefix drivers/net/linux/,device.c receive.c transmit.c) drivers/net/park.c lib/packet.c lib/sum.c \
                 tests/unit/frames.c
UNIT += follower
follower_UNIT_SRCS := $(addprefix drivers/net/virtio/,follower.c rings.c queue.c) tests/unit/frames.c
UNIT += pci counters
pci_UNIT_SRCS := drivers/net/virtio/pci.c
counters_UNIT_SRCS := lib/counters.c lib/kept.c
UNIT += stack
stack_UNIT_SRCS := $(stack_SRCS) $(addprefix lib/,packet.c sum.c counters.c kept.c parent.c) tests/unit/stack_harness.c tests/unit/stack_peer.c
stack_UNIT_CFLAGS := $(LWIP_INC)
stack_UNIT_LIBS := $(BUILD)/unit/lwip/liblwip.a
$(BUILD)/unit/stack: | $(stack_UNIT_LIBS)
$(patsubst %.c,$(BUILD)/unit/stack.o.d/%.o,tests/unit/stack_test.c $(stack_UNIT_SRCS)): $(LWIP_CONF) | $(LWIP_READY)
UNIT += stack_offload
stack_offload_UNIT_SRCS := $(stack_UNIT_SRCS)
stack_offload_UNIT_CFLAGS := $(LWIP_INC)
stack_offload_UNIT_LIBS := $(stack_UNIT_LIBS)
$(BUILD)/unit/stack_offload: | $(stack_UNIT_LIBS)
$(call UNIT_OBJ,stack_offload): $(LWIP_CONF) | $(LWIP_READY)
UNIT += stack_datagram
stack_datagram_UNIT_SRCS := $(stack_UNIT_SRCS)
stack_datagram_UNIT_CFLAGS := $(LWIP_INC)
stack_datagram_UNIT_LIBS := $(stack_UNIT_LIBS)
$(BUILD)/unit/stack_datagram: | $(stack_UNIT_LIBS)
$(call UNIT_OBJ,stack_datagram): $(LWIP_CONF) | $(LWIP_READY)
UNIT += stack_handshake
stack_handshake_UNIT_SRCS := $(stack_UNIT_SRCS)
stack_handshake_UNIT_CFLAGS := $(LWIP_INC)
stack_handshake_UNIT_LIBS := $(stack_UNIT_LIBS)
$(BUILD)/unit/stack_handshake: | $(stack_UNIT_LIBS)
$(call UNIT_OBJ,stack_handshake): $(LWIP_CONF) | $(LWIP_READY)
UNIT += stack_attack
stack_attack_UNIT_SRCS := $(stack_UNIT_SRCS)
stack_attack_UNIT_CFLAGS := $(LWIP_INC)
stack_attack_UNIT_LIBS := $(stack_UNIT_LIBS)
$(BUILD)/unit/stack_attack: | $(stack_UNIT_LIBS)
$(call UNIT_OBJ,stack_attack): $(LWIP_CONF) | $(LWIP_READY)
UNIT += stack_orphan
stack_orphan_UNIT_SRCS := $(stack_UNIT_SRCS)
stack_orphan_UNIT_CFLAGS := $(LWIP_INC)
stack_orphan_UNIT_LIBS := $(stack_UNIT_LIBS)
$(BUILD)/unit/stack_orphan: | $(stack_UNIT_LIBS)
$(call UNIT_OBJ,stack_orphan): $(LWIP_CONF) | $(LWIP_READY)
UNIT_LWIP := $(patsubst %,$(BUILD)/unit/lwip/%.o,$(LWIP_CORE))
$(UNIT_LWIP): $(BUILD)/unit/lwip/%.o: $(LWIP_CONF) | $(LWIP_READY)
	@mkdir -p $(@D)
	$(CC) -O1 -g -fsanitize=address -w -Iinclude $(LWIP_INC) -c $(LWIP_DIR)/src/$*.c -o $@
$(BUILD)/unit/lwip/liblwip.a: $(UNIT_LWIP)
	@rm -f $@
	ar rcs $@ $^
HTTPD_HOST := tests/unit/httpd_host.c $(addprefix lib/,cpio.c counters.c kept.c parent.c service.c) $(wildcard apps/httpd/*.c)
UNIT += httpd_parts httpd
httpd_parts_UNIT_SRCS := $(HTTPD_HOST)
httpd_UNIT_SRCS := $(HTTPD_HOST)
httpd_parts_UNIT_LIBS = $(HTTP_PARSER_LIB)
httpd_UNIT_LIBS = $(HTTP_PARSER_LIB)
UNIT += iperf3
iperf3_UNIT_SRCS := $(addprefix apps/iperf3/,json.c params.c results.c)
UNIT += numa
numa_UNIT_SRCS := $(addprefix executive/x86_64/,numa.c memory.c share.c) executive/topology.c tests/unit/platform_host.c
UNIT += agree
agree_UNIT_SRCS :=
UNIT += acpi memory
acpi_UNIT_SRCS := executive/x86_64/acpi.c executive/x86_64/numa.c executive/x86_64/dmar.c tests/unit/platform_host.c
memory_UNIT_SRCS := executive/x86_64/memory.c executive/x86_64/share.c executive/topology.c tests/unit/platform_host.c
UNIT += dmar reach
dmar_UNIT_SRCS := executive/x86_64/dmar.c tests/unit/platform_host.c
reach_UNIT_SRCS := executive/x86_64/reach.c tests/unit/platform_host.c
UNIT += console terminal
console_UNIT_SRCS := console/edit.c console/lines.c console/output.c
terminal_UNIT_SRCS := console/terminal.c
UNIT += init placement policy restart balance loads
init_UNIT_SRCS := $(addprefix init/,budget.c compose.c control.c counters.c cores.c distance.c kept.c memory.c pairs.c placement.c ports.c reasons.c sums.c \
                  traffic.c wishes.c) $(wildcard config/*.c iskra/*.c) $(addprefix tests/unit/init_,cores.c kept.c pairs.c plan.c)
placement_UNIT_SRCS := init/placement.c $(wildcard iskra/*.c)
policy_UNIT_SRCS := init/policy.c
balance_UNIT_SRCS := init/balance.c
loads_UNIT_SRCS := $(addprefix init/,ask.c balance.c loads.c move.c)
restart_UNIT_SRCS := init/restart.c init/policy.c init/watchdog.c
UNIT += adopt
adopt_UNIT_SRCS := init/adopt.c
UNIT += wire
wire_UNIT_SRCS := $(addprefix executive/linux/host/,wire.c capture.c)
wire_UNIT_CFLAGS := -D_GNU_SOURCE
wire_UNIT_LIBS := -lpcap
UNIT += iskra iskra_query
iskra_UNIT_SRCS := $(wildcard iskra/*.c)
iskra_UNIT_CFLAGS := -D_GNU_SOURCE
iskra_query_UNIT_SRCS := $(wildcard iskra/*.c) tests/iskra/machine.c

# Fuzzers: one line `FUZZ += name` each, and name_FUZZ_SRCS := what is linked with
# tests/fuzz/name_fuzz.c. tests/fuzz/name.dict is used when it is there. The rules stand in tools/fuzz.mk.
FUZZ += cpio
cpio_FUZZ_SRCS := lib/cpio.c
FUZZ += config
config_FUZZ_SRCS := $(wildcard config/*.c)
# A whole domain on tests/fuzz/machine.h: its own sources, and the library but for start, time and screen.
FUZZ_MACHINE := $(addprefix tests/fuzz/,events.c frames.c machine.c packets.c rings.c state.c) \
                $(filter-out lib/start.c lib/time.c lib/screen.c,$(wildcard lib/*.c))
FUZZ += router
router_FUZZ_SRCS := $(FUZZ_MACHINE) $(router_SRCS)
FUZZ += stack
stack_FUZZ_SRCS := $(FUZZ_MACHINE) tests/fuzz/flows.c $(filter-out stack/random.c,$(stack_SRCS))
stack_FUZZ_LIBS := $(BUILD)/fuzz/lwip/liblwip.a
CFLAGS_tests/fuzz/stack_fuzz := $(LWIP_INC)
$(BUILD)/fuzz/stack: | $(stack_FUZZ_LIBS)
$(patsubst %.c,$(BUILD)/fuzz/obj/%.o,tests/fuzz/stack_fuzz.c $(stack_SRCS)): $(LWIP_CONF) | $(LWIP_READY)
FUZZ_LWIP := $(patsubst %,$(BUILD)/fuzz/lwip/%.o,$(LWIP_CORE))
$(FUZZ_LWIP): $(BUILD)/fuzz/lwip/%.o: $(LWIP_CONF) | $(LWIP_READY)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(filter-out %undefined,$(FUZZ_CFLAGS)) -fsanitize=fuzzer-no-link,address -w $(LWIP_INC) -c $(LWIP_DIR)/src/$*.c -o $@
	$(FUZZ_APART) $@
$(BUILD)/fuzz/lwip/liblwip.a: $(FUZZ_LWIP)
	@rm -f $@
	ar rcs $@ $^
FUZZ += httpd
httpd_FUZZ_SRCS := $(FUZZ_MACHINE) $(addprefix tests/fuzz/,apps.c archive.c) $(httpd_SRCS)
httpd_FUZZ_LIBS = $(HTTP_PARSER_LIB)
FUZZ += net
net_FUZZ_SRCS := $(FUZZ_MACHINE) $(virtio-net_SRCS)
FUZZ += iperf3 console
iperf3_FUZZ_SRCS := $(FUZZ_MACHINE) tests/fuzz/apps.c $(iperf3_SRCS)
console_FUZZ_SRCS := $(FUZZ_MACHINE) $(filter-out console/uart.c console/screen.c,$(console_SRCS))
FUZZ += init
init_FUZZ_SRCS := $(FUZZ_MACHINE) tests/fuzz/archive.c $(init_SRCS)
FUZZ += acpi pci channel
acpi_FUZZ_SRCS := $(addprefix executive/x86_64/,acpi.c numa.c dmar.c) $(addprefix tests/fuzz/,events.c state.c)
pci_FUZZ_SRCS := $(addprefix executive/x86_64/,pci.c functions.c) $(addprefix tests/fuzz/,events.c state.c)
channel_FUZZ_SRCS := $(addprefix tests/fuzz/,events.c)
CFLAGS_tests/fuzz/channel_fuzz := -fsanitize=fuzzer-no-link # the header is all there is
FUZZ += iskra
iskra_FUZZ_SRCS := $(wildcard iskra/*.c)

# Hostile domains that take the place of good ones: see tests/net/test_hostile.py.
TEST_DOMAINS += hostile_app hostile_driver hostile_middle
HOSTILE_LIFE := $(patsubst %,tests/hostile/%.c,life wrong_memory wrong_channels wrong_frames block held dice unmapped) \
                $(patsubst %,tests/guest/%.c,raw touch rows_cpu probe_cpu probe_memory probe_trap probe_send probe_request)
hostile_app_SRCS    := $(patsubst %,tests/hostile/%.c,app wrong_sockets) $(HOSTILE_LIFE)
hostile_driver_SRCS := $(patsubst %,tests/hostile/%.c,driver wrong_packets wrong_device) $(HOSTILE_LIFE)
hostile_middle_SRCS := $(patsubst %,tests/hostile/%.c,middle wrong_peers) $(HOSTILE_LIFE)

# The trap fuzzer: a bundle whose first domain and its children issue random traps.
TEST_DOMAINS += fuzz fuzz_child
HOSTILE_TRAPS   := $(patsubst %,tests/hostile/%.c,block held dice spawns)
fuzz_SRCS       := tests/hostile/fuzz.c $(HOSTILE_TRAPS) $(patsubst %,tests/guest/%.c,raw say home)
fuzz_child_SRCS := tests/hostile/fuzz_child.c tests/hostile/unmapped.c tests/guest/touch.c tests/guest/raw.c $(HOSTILE_TRAPS)
CFLAGS_DIR_tests_hostile := -I.

$(BUILD)/traps.cpio: $(addprefix $(BUILD)/domains/,fuzz.elf fuzz_child.elf console.elf)
	@rm -rf $(BUILD)/traps && mkdir -p $(BUILD)/traps/domains
	cp $(BUILD)/domains/fuzz.elf $(BUILD)/traps/domains/init.elf
	cp $(BUILD)/domains/fuzz_child.elf $(BUILD)/domains/console.elf $(BUILD)/traps/domains/
	cd $(BUILD)/traps && find domains -type f | sort | cpio -o -H newc --quiet > ../traps.cpio

# make traps TRAPS_SECONDS=60 TRAPS_SEED=7 TRAPS_ROUND=12: the seconds of each number of cores. +linux: see tools/traps.
TRAPS_SECONDS ?= 20
TRAPS_CORES   ?= 1 2 4 2+linux
.PHONY: traps
traps: $(BUILD)/moxie.elf $(BUILD)/moxie-linux $(BUILD)/traps.cpio
	@$(PYTHON) tools/traps --build $(BUILD) --qemu $(QEMU) --seconds $(TRAPS_SECONDS) \
		$(if $(TRAPS_SEED),--seed $(TRAPS_SEED)) $(if $(TRAPS_ROUND),--round $(TRAPS_ROUND)) $(TRAPS_CORES)

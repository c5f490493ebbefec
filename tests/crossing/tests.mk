# make bench-crossing: what it costs to move a payload from one domain to another, inside the guest.
# A bundle of its own: a starter, two ends of one image, and a file whose pages both may read.
TEST_DOMAINS += crossing crossing_end
crossing_SRCS     := tests/crossing/starter.c
crossing_end_SRCS := $(patsubst %,tests/crossing/%.c,near far volley curve basics report)
CFLAGS_DIR_tests_crossing := -I.
CROSSING_ROUNDS ?= 15

# 2 MiB and a page of counting 32-bit words: curve.c knows.
$(BUILD)/crossing/payload:
	@mkdir -p $(@D)
	$(PYTHON) -c 'import array; open("$@", "wb").write(array.array("I", range(513 * 1024)).tobytes())'

$(BUILD)/crossing.cpio: $(addprefix $(BUILD)/domains/,crossing.elf crossing_end.elf console.elf) \
		$(BUILD)/crossing/payload
	@mkdir -p $(BUILD)/crossing/domains
	cp $(BUILD)/domains/crossing.elf $(BUILD)/crossing/domains/init.elf
	cp $(BUILD)/domains/crossing_end.elf $(BUILD)/domains/console.elf $(BUILD)/crossing/domains/
	cd $(BUILD)/crossing && find payload domains -type f | sort | cpio -o -H newc --quiet > ../crossing.cpio

.PHONY: bench-crossing crossing-smoke
crossing-smoke: $(BUILD)/moxie.elf $(BUILD)/crossing.cpio
	@$(PYTHON) tools/crossing --build $(BUILD) --qemu $(QEMU) --smoke
bench-crossing: $(BUILD)/.deps-build
	@$(MAKE) --no-print-directory $(BUILD)/moxie.elf $(BUILD)/crossing.cpio
	@$(PYTHON) tools/crossing --build $(BUILD) --qemu $(QEMU) --rounds $(CROSSING_ROUNDS)

# Moves under load: see docs/migration.md.
MOVES ?= 200
$(BUILD)/busy.cpio: $(BUILD)/bundle.cpio $(BUILD)/domains/busy.elf tools/bundle
	echo "  PACK  $@"
	tools/bundle $@ '$(bundle_www)' '$(CONFIG)' $(IMAGES) $(BUILD)/domains/busy.elf

.PHONY: bench-move
bench-move: $(BUILD)/.deps-test
	@$(MAKE) --no-print-directory image $(BUILD)/tools/probe $(BUILD)/busy.cpio
	@$(PYTHON) tools/bench-move --build $(BUILD) --cores $(CORES) --moves $(MOVES)
	@$(PYTHON) tools/bench-move --build $(BUILD) --cores $(CORES) --recovery

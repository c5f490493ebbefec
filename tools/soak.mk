# Restarts under load: the probe that sees gaps, the benchmark, the soak, and all that takes long.
RESTART_KILLS   ?= 10
RESTART_DOMAINS ?=
SOAK_SECONDS    ?= 600
SOAK_KILLS      ?=
SOAK_SEED       ?=

$(BUILD)/tools/probe: tools/moxie/probe.c
	@mkdir -p $(@D)
	echo "  CC    $<"
	$(CC) -O2 $(WARN) -o $@ $< -pthread

# By the console's kill, then by faults; both are measured even when the first misses a goal.
.PHONY: bench-restart
bench-restart: $(BUILD)/.deps-test
	@$(MAKE) --no-print-directory image $(BUILD)/tools/probe $(BUILD)/faulty.cpio
	@status=0; for way in '' --faults; do \
		$(PYTHON) tools/bench-restart --build $(BUILD) --cores $(CORES) --queues $(QUEUES) \
			--kills $(RESTART_KILLS) --domains '$(RESTART_DOMAINS)' $$way || status=1; \
	done; exit $$status

# By a fault, then by a loop; on four cores, whatever CORES says.
LOST_BOOTS ?= 5
.PHONY: bench-lost
bench-lost: $(BUILD)/.deps-test
	@$(MAKE) --no-print-directory image $(BUILD)/tools/probe
	@status=0; for how in '' --hang; do \
		$(PYTHON) tools/bench-lost --build $(BUILD) --boots $(LOST_BOOTS) $$how || status=1; \
	done; exit $$status

# Without a number of kills: one every 3 s. 0: none.
.PHONY: soak
soak: $(BUILD)/.deps-test
	@$(MAKE) --no-print-directory image $(BUILD)/tools/probe
	@$(PYTHON) tools/soak --build $(BUILD) --cores $(CORES) --queues $(QUEUES) --seconds $(SOAK_SECONDS) \
		$(if $(SOAK_KILLS),--kills $(SOAK_KILLS)) $(if $(SOAK_SEED),--seed $(SOAK_SEED))

# What takes too long for make test: a soak of each shape, the model check with larger bounds, more under the
# sanitizers, then the fuzzers; all of it, whatever fails.
LONG_SHAPES := CORES=2 CORES=1 CORES=4 CORES=2,QUEUES=2
.PHONY: test-long
test-long:
	@status=0; for shape in $(LONG_SHAPES); do \
		$(MAKE) --no-print-directory soak $$(echo $$shape | tr , ' ') || status=1; \
	done; $(MAKE) --no-print-directory model-long || status=1; \
	$(MAKE) --no-print-directory test-sanitized || status=1; \
	$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=1800 || status=1; exit $$status

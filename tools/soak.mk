# Restarts under load: the probe that sees gaps, and who makes use of it.
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

# Without a number of kills: one every 3 s. 0: none.
.PHONY: soak
soak: $(BUILD)/.deps-test
	@$(MAKE) --no-print-directory image $(BUILD)/tools/probe
	@$(PYTHON) tools/soak --build $(BUILD) --cores $(CORES) --queues $(QUEUES) --seconds $(SOAK_SECONDS) \
		$(if $(SOAK_KILLS),--kills $(SOAK_KILLS)) $(if $(SOAK_SEED),--seed $(SOAK_SEED))

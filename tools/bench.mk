# The benchmark: the appliance and a Debian Linux guest side by side. tools/bench --help tells more.
BENCH_ROUNDS  ?= 3
BENCH_SECONDS ?= 1
BENCH_GUESTS  ?= moxie1,moxie2,linux1,linux2,flat1,flat2
ROWS          ?=

$(BUILD)/bench/send: tools/moxie_bench/send.c tools/moxie/raw.h
	@mkdir -p $(@D)
	echo "  CC    $<"
	$(CC) -O2 $(WARN) -I. -o $@ $<

# The packages first, in a make of their own (see run).
.PHONY: bench
bench: $(BUILD)/.deps-bench
	@$(MAKE) --no-print-directory image flat $(GUEST_BUNDLE) $(BUILD)/bench/send
	@$(PYTHON) tools/bench --build $(BUILD) --qemu $(QEMU) --images "$(IMAGES)" \
		--guests "$(BENCH_GUESTS)" --rounds $(BENCH_ROUNDS) --seconds $(BENCH_SECONDS) --rows "$(ROWS)"

# The README's table and chart, from the last run.
.PHONY: bench-report
bench-report:
	@$(PYTHON) tools/bench --build $(BUILD) --markdown
	cp $(BUILD)/bench.svg docs/bench.svg

# At this host's own speed, without QEMU: rings, domains, and (as root) forwarding.
# make bench-linux PARTS=rings,domains
PARTS ?= rings,domains,forwarding
.PHONY: bench-linux
bench-linux: $(BUILD)/.deps-bench-linux
	@$(MAKE) --no-print-directory image linux $(BUILD)/ring/ring $(BUILD)/crossing.cpio $(BUILD)/bench/send
	@$(PYTHON) tools/bench-linux --build $(BUILD) --parts "$(PARTS)" $(if $(ROUNDS),--rounds $(ROUNDS))

# All placements on 2 and 4 cores against the one that the appliance chooses, 45 minutes; PLACEMENT_SHAPES=router2,httpd4
# PLACEMENT_LIMIT: seconds after which no sample begins; the next run goes on.
PLACEMENT_SHAPES ?= router2,router4,httpd2,httpd4
PLACEMENT_ROUNDS ?= 2
PLACEMENT_FINALS ?= 24
PLACEMENT_LIMIT  ?= 0
.PHONY: bench-placement
bench-placement: $(BUILD)/.deps-bench
	@$(MAKE) --no-print-directory image $(BUILD)/bench/send
	@$(PYTHON) tools/bench-placement --build $(BUILD) --qemu $(QEMU) --images "$(IMAGES)" \
		--shapes "$(PLACEMENT_SHAPES)" --rounds $(PLACEMENT_ROUNDS) --finals $(PLACEMENT_FINALS) --limit $(PLACEMENT_LIMIT)

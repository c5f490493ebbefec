# The fuzzers that tests/fuzz/tests.mk lists: libFuzzer with the address and undefined-behaviour
# sanitizers, by clang whatever CC is. Objects are shared between them. The
# static data of all but tests/ lies apart, so that tests/fuzz/state.c can put it back.
FUZZ_CC      ?= clang
FUZZ_SECONDS ?= 60
FUZZ_CFLAGS  := -std=gnu11 -O1 -g -fno-omit-frame-pointer -fno-pie -Iinclude -I. -MMD -MP \
                -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
FUZZ_WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes $(WERROR)
FUZZ_APART   := objcopy --rename-section .data=fuzz_data --rename-section .bss=fuzz_bss --rename-section mx_kept=fuzz_data
FUZZ_BLIND   := -fno-sanitize=fuzzer-no-link # what the fuzzers themselves do is no coverage
FUZZ_COMMON  := tests/fuzz/fail.c
FUZZ_OBJ      = $(patsubst %.c,$(BUILD)/fuzz/obj/%.o,$(1))

$(BUILD)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_CFLAGS) $(if $(filter tests/%,$*),$(FUZZ_BLIND)) $(FUZZ_WARN) $(CFLAGS_DIR_$(subst /,_,$(patsubst %/,%,$(dir $*)))) $(CFLAGS_$*) -c $< -o $@
	$(if $(filter tests/%,$*),,$(FUZZ_APART) $@)
define fuzz_rule
$(BUILD)/fuzz/$(1): $(call FUZZ_OBJ,tests/fuzz/$(1)_fuzz.c $(FUZZ_COMMON) $($(1)_FUZZ_SRCS))
	$(FUZZ_CC) -no-pie -fsanitize=fuzzer,address,undefined -o $$@ $$^ $$($(1)_FUZZ_LIBS)
endef
$(foreach f,$(FUZZ),$(eval $(call fuzz_rule,$(f))))
FUZZ_BINS := $(patsubst %,$(BUILD)/fuzz/%,$(FUZZ))

.PHONY: fuzz fuzz-programs fuzz-replay
fuzz-programs: $(FUZZ_BINS)
# make fuzz FUZZ_SECONDS=1800 FUZZ="router stack"
fuzz: $(BUILD)/.deps-test
	@$(MAKE) --no-print-directory $(FUZZ_BINS)
	@$(PYTHON) tools/fuzz --build $(BUILD) --seconds $(FUZZ_SECONDS) $(FUZZ)
	@$(MAKE) --no-print-directory traps TRAPS_SECONDS=$(FUZZ_SECONDS)
# Every committed case, then some new inputs from a fixed seed.
fuzz-replay: fuzz-programs
	@$(PYTHON) tools/fuzz --build $(BUILD) --replay $(FUZZ)

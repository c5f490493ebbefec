# The tests. tests/unit/tests.mk lists the host unit tests: cmocka with the address and
# undefined-behaviour sanitizers. GUEST_BUNDLE, from tests/guest/tests.mk, boots the in-guest tests.
UNIT_CFLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
               -Iinclude -I. -MMD -MP $(WARN)

UNIT_OBJ = $(patsubst %.c,$(BUILD)/unit/$(1).o.d/%.o,tests/unit/$(1)_test.c $($(1)_UNIT_SRCS))
define unit_rule
$(BUILD)/unit/$(1).o.d/%.o: %.c
	@mkdir -p $$(@D)
	$$(CC) $$(UNIT_CFLAGS) $$($(1)_UNIT_CFLAGS) -c $$< -o $$@
$(BUILD)/unit/$(1): $(call UNIT_OBJ,$(1))
	$$(CC) -fsanitize=address,undefined -o $$@ $$^ $$($(1)_UNIT_LIBS) -lcmocka
endef
$(foreach u,$(UNIT),$(eval $(call unit_rule,$(u))))
UNIT_BINS := $(patsubst %,$(BUILD)/unit/%,$(UNIT))

.PHONY: unit unit-programs compile-test test
unit-programs: $(UNIT_BINS)
unit: unit-programs
	@tools/unit $(UNIT_BINS)

# Sources that must not compile as part of a domain.
compile-test:
	@tests/compile/check "$(CC) $(DOMAIN_CFLAGS)"

# What make test runs but a part of.
.PHONY: test-uefi
test-uefi: $(BUILD)/.deps-test
	@$(MAKE) --no-print-directory image test-domains flat
	@$(PYTHON) tools/test --build $(BUILD) --uefi

# All of it; the packages first, in a make of their own (see run).
test: $(BUILD)/.deps-test
	@MAKE="$(MAKE)" $(PYTHON) tools/test --build $(BUILD) --unit "$(UNIT_BINS)" \
		--guest "$(GUEST_BUNDLE)" $(if $(filter update,$(GOLDEN)),--golden-update)

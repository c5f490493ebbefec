# Host unit tests: cmocka with the address and undefined-behaviour sanitizers.
# tests/unit/tests.mk lists them.
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

.PHONY: unit
unit: $(UNIT_BINS)
	@tools/unit $(UNIT_BINS)

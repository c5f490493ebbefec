# The store and its queries on machines that do not exist, at this host's own speed: docs/iskra.md.
ISKRA_OBJS := $(patsubst %.c,$(BUILD)/iskra/%.o,$(wildcard iskra/*.c tests/iskra/*.c))
$(BUILD)/iskra/%.o: %.c
	@mkdir -p $(@D)
	echo "  CC    $<"
	$(CC) -O2 -g $(WARN) -Iinclude -I. -MMD -MP -c $< -o $@
$(BUILD)/iskra/bench: $(ISKRA_OBJS)
	echo "  LINK  $@"
	$(CC) -o $@ $^

.PHONY: bench-iskra
bench-iskra: $(BUILD)/iskra/bench
	@$<

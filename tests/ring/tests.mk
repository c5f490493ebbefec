# The rings of the benchmark on Linux (tools/bench.mk), as one host program: channels from the
# header that domains use, next to what libraries and the kernel offer.
RING_CFLAGS := -O2 -g $(WARN) -Iinclude -I. -MMD -MP -pthread
RING_OBJS   := $(patsubst %,$(BUILD)/ring/%.o,main raw channels near far ck ck_deep urcu futex pipe)
RING_FLAGS_near    := -DEND=near
RING_FLAGS_far     := -DEND=far
RING_FLAGS_ck      := -DDEPTH=RING_DEPTH -DRACES=ck_races -DNAME='"ck"'
RING_FLAGS_ck_deep := -DDEPTH=1024u -DRACES=ck_deep_races -DNAME='"ck-1024"'

define ring_rule
$(BUILD)/ring/$(1).o: tests/ring/$(2).c
	@mkdir -p $$(@D)
	echo "  CC    $$< ($(1))"
	$$(CC) $$(RING_CFLAGS) $$(RING_FLAGS_$(1)) -c $$< -o $$@
endef
$(foreach u,main raw channels urcu futex pipe ck,$(eval $(call ring_rule,$(u),$(u))))
$(foreach u,near far,$(eval $(call ring_rule,$(u),channel)))
$(eval $(call ring_rule,ck_deep,ck))

$(BUILD)/ring/ring: $(RING_OBJS)
	echo "  LINK  $@"
	$(CC) -pthread -o $@ $^ -lurcu-common

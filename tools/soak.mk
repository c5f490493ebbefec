# Restarts under load: the probe that sees gaps, and what makes use of it.
$(BUILD)/tools/probe: tools/moxie/probe.c
	@mkdir -p $(@D)
	echo "  CC    $<"
	$(CC) -O2 $(WARN) -o $@ $< -pthread

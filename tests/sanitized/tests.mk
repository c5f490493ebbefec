# Is a mistake of each kind found, and nothing where there is none? Its domain is the first of a bundle of its own.
TEST_DOMAINS += culprit
culprit_SRCS := tests/sanitized/culprit.c

$(BUILD)/culprit.cpio: $(BUILD)/domains/culprit.elf
	@rm -rf $(BUILD)/culprit && mkdir -p $(BUILD)/culprit/domains
	cp $< $(BUILD)/culprit/domains/init.elf
	cd $(BUILD)/culprit && find domains -type f | cpio -o -H newc --quiet > ../culprit.cpio

# A build folder like any other, in which the program runs under valgrind; findings stand in its logs.
# Nothing must be told of the domains' stacks: they lie further apart than valgrind takes for one stack.
$(BUILD)/linux-valgrind/moxie-linux: $(BUILD)/moxie-linux $(BUILD)/bundle.cpio tests/sanitized/tests.mk
	@mkdir -p $(@D) && ln -sfn ../bundle.cpio ../domains $(@D)/
	printf '#!/bin/sh\nexec valgrind -q --fair-sched=try --error-exitcode=99 --log-file=%s/%%p.log %s "$$@"\n' \
		$(abspath $(@D)) $(abspath $<) > $@
	chmod +x $@

# See tools/test; LWIP_DIR is known to the parent only.

.PHONY: sanitized
sanitized: $(BUILD)/linux-valgrind/moxie-linux | $(LWIP_READY)
	@$(MAKE) --no-print-directory SANITIZE=address,undefined BUILD=$(BUILD)/linux-asan LWIP_DIR=$(LWIP_DIR) linux $(BUILD)/linux-asan/culprit.cpio
	@$(MAKE) --no-print-directory SANITIZE=thread BUILD=$(BUILD)/linux-tsan LWIP_DIR=$(LWIP_DIR) linux $(BUILD)/linux-tsan/culprit.cpio

# What takes too long for make test: all that need not be fast. HTTP's captures show how fast the web server is.
SANITIZED_LONG := test_golden.py test_pcap.py test_http.py test_malformed.py test_traffic.py
.PHONY: test-sanitized
test-sanitized: sanitized
	@status=0; for kind in asan tsan valgrind; do \
		$(PYTHON) -m pytest -q -c tests/net/pytest.ini $(addprefix tests/net/,$(SANITIZED_LONG)) -k 'not http_exchange' \
			--executive=linux --build=$(abspath $(BUILD))/linux-$$kind || status=1; \
	done; exit $$status

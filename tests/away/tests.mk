# make bench-away: how long a core is away from its domains while another is created or ended on it.
TEST_DOMAINS += away
away_SRCS := tests/away/away.c tests/guest/raw.c
CFLAGS_DIR_tests_away := -I.

$(BUILD)/away.cpio: $(BUILD)/domains/away.elf $(BUILD)/domains/console.elf
	@rm -rf $(BUILD)/away && mkdir -p $(BUILD)/away/domains
	cp $(BUILD)/domains/away.elf $(BUILD)/away/domains/init.elf
	cp $(BUILD)/domains/away.elf $(BUILD)/domains/console.elf $(BUILD)/away/domains/
	cd $(BUILD)/away && find domains -type f | sort | cpio -o -H newc --quiet > ../away.cpio

# The largest domain, of 254 MiB, has to fit beside the frames of a core.
.PHONY: bench-away
bench-away: $(BUILD)/moxie.elf $(BUILD)/away.cpio
	@timeout 60 $(QEMU) -accel tcg,thread=multi -cpu max -machine q35 -smp 2 -m 1024 -nodefaults -display none \
		-no-reboot -serial stdio -kernel $(BUILD)/moxie.elf -initrd $(BUILD)/away.cpio < /dev/null

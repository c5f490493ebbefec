# The in-guest tests: a bundle whose first domain is the suite, and which the appliance never sees.
GUEST_SUITE := suite run say home rows_memory rows_cpu rows_frames scenes_frames scenes_spawn scenes_bind scenes_life scenes_end scenes_device scenes_dma scenes_keep scenes_move
GUEST_PROBE := probe touch probe_memory probe_cpu probe_trap probe_send probe_frames probe_plain probe_keep probe_device probe_move probe_request
TEST_DOMAINS += suite probe dma reach
suite_SRCS  := $(GUEST_SUITE:%=tests/guest/%.c) tests/guest/raw.c
probe_SRCS  := $(GUEST_PROBE:%=tests/guest/%.c) tests/guest/raw.c
GUEST_NIC   := tests/guest/nic.c tests/guest/raw.c $(addprefix drivers/net/virtio/,device.c queue.c pci.c)
dma_SRCS    := tests/guest/dma.c $(GUEST_NIC)
reach_SRCS  := tests/guest/reach.c $(GUEST_NIC)
CFLAGS_DIR_tests_guest := -I.
GUEST_CORES ?= 1 2 4

$(BUILD)/guest.cpio: $(BUILD)/domains/suite.elf $(BUILD)/domains/probe.elf $(BUILD)/domains/dma.elf $(BUILD)/domains/console.elf
	@rm -rf $(BUILD)/guest && mkdir -p $(BUILD)/guest/domains
	cp $(BUILD)/domains/suite.elf $(BUILD)/guest/domains/init.elf
	cp $(BUILD)/domains/probe.elf $(BUILD)/domains/dma.elf $(BUILD)/domains/console.elf $(BUILD)/guest/domains/
	cd $(BUILD)/guest && find domains -type f | sort | cpio -o -H newc --quiet > ../guest.cpio

.PHONY: guest
guest: $(BUILD)/moxie.elf $(BUILD)/moxie-linux $(BUILD)/guest.cpio
	@$(PYTHON) tools/guest --build $(BUILD) --qemu $(QEMU) $(GUEST_CORES) 2+iommu 2+linux
GUEST_BUNDLE := $(BUILD)/guest.cpio

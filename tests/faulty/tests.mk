# Images that end by a fault again and again, for `make bench-restart`: the domains as they ship, with
# fault.c between the library and their domain_event.
FAULTY := virtio-net router stack httpd iperf3
TEST_DOMAINS += $(addprefix faulty-,$(FAULTY))
faulty_main = $(filter %/main.c,$($(1)_SRCS))
define faulty_rule
faulty-$(1)_SRCS := $(filter-out %/main.c,$($(1)_SRCS)) tests/faulty/fault.c
faulty-$(1)_LIBS := $(BUILD)/domain/faulty/$(1).o $($(1)_LIBS)
$(BUILD)/domain/faulty/$(1).o: $(call faulty_main,$(1)) | $(LWIP_READY)
	@mkdir -p $$(@D)
	$(CC) $(DOMAIN_CFLAGS) $(CFLAGS_DIR_$(subst /,_,$(patsubst %/,%,$(dir $(call faulty_main,$(1)))))) \
		-Ddomain_event=faulty_event -c $$< -o $$@
endef
$(foreach d,$(FAULTY),$(eval $(call faulty_rule,$(d))))

faulty_images = $(patsubst %,$(BUILD)/domains/faulty-%.elf,$(FAULTY))
$(BUILD)/faulty.cpio: $(BUILD)/bundle.cpio $(faulty_images) tools/bundle
	echo "  PACK  $@"
	tools/bundle $@ '$(bundle_www)' '$(CONFIG)' $(IMAGES) $(faulty_images)

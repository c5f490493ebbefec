# The bundle. Made anew when an image, the configuration, WWW or CONFIG themselves, or
# anything in the folder has changed: build/bundle.stamp keeps what the last one was made of.
# The repository's own www/ goes through tools/site first; a user's folder is taken as it is.
bundle_stamp = $(BUILD)/bundle.stamp
bundle_www   = $(if $(filter www,$(WWW)),$(BUILD)/site,$(WWW))

.PHONY: bundle always
always:
bundle: $(BUILD)/bundle.cpio

# Names, sizes and times; only a change of them changes the stamp.
$(bundle_stamp): always
	@mkdir -p $(@D)
	@{ echo '$(WWW)' '$(CONFIG)'; find -L '$(WWW)' -printf '%p %s %T@\n' 2>&1 | LC_ALL=C sort; } >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# IMAGES is set behind this file; a second expansion sees it.
.SECONDEXPANSION:
$(BUILD)/bundle.cpio: $(bundle_stamp) tools/bundle tools/site $$(CONFIG) $$(IMAGES)
	@$(if $(filter www,$(WWW)),tools/site $(BUILD)/site www)
	echo "  PACK  $@"
	tools/bundle $@ '$(bundle_www)' '$(CONFIG)' $(IMAGES)

# What only the executive on Linux needs: an archive of its own, which it adds to any bundle.
LINUX_IMAGES = $(patsubst %,$(BUILD)/domains/%.elf,$(LINUX_DOMAINS))
$(BUILD)/linux/drivers.cpio: $$(LINUX_IMAGES)
	@mkdir -p $(@D)
	echo "  PACK  $@"
	cd $(BUILD) && printf '%s\n' $(LINUX_DOMAINS:%=domains/%.elf) | cpio -o -H newc -R 0:0 --reproducible --quiet >linux/drivers.cpio

# build/BOOTX64.EFI: the UEFI loader, by Debian's gnu-efi. A shared object that relocates itself,
# turned into a PE application (subsystem 10).
LOADER_SRCS   := $(wildcard loader/*.c loader/*.S)
LOADER_OBJS   := $(patsubst %,$(BUILD)/%.o,$(basename $(LOADER_SRCS)))
GNU_EFI_LIB   ?= /usr/lib
LOADER_CFLAGS := $(filter-out $(LTO),$(COMMON)) -fpic -ffreestanding -fno-data-sections -fshort-wchar -mno-red-zone \
            -mgeneral-regs-only -fno-stack-protector -fcf-protection=none -fvisibility=hidden \
            -DGNU_EFI_USE_MS_ABI -I. -isystem /usr/include/efi -isystem /usr/include/efi/x86_64

$(BUILD)/loader/%.o: loader/%.c
	@mkdir -p $(@D)
	$(CC) $(LOADER_CFLAGS) -c $< -o $@
$(BUILD)/loader/%.o: loader/%.S
	@mkdir -p $(@D)
	$(CC) $(LOADER_CFLAGS) -c $< -o $@

$(BUILD)/loader/loader.so: $(LOADER_OBJS)
	$(LD) -nostdlib -znocombreloc -znoexecstack -shared -Bsymbolic --build-id=none --no-warn-rwx-segments \
		-T $(GNU_EFI_LIB)/elf_x86_64_efi.lds -o $@ $(GNU_EFI_LIB)/crt0-efi-x86_64.o $^ \
		$(GNU_EFI_LIB)/libefi.a $(GNU_EFI_LIB)/libgnuefi.a
	@! nm -u $@ | grep . || { echo 'loader: not defined'; exit 1; }
$(BUILD)/BOOTX64.EFI: $(BUILD)/loader/loader.so
	echo "  LINK  $@"
	SOURCE_DATE_EPOCH=0 objcopy -j .text -j .sdata -j .data -j .dynamic -j .dynsym -j '.rel*' -j .rela \
		--target efi-app-x86_64 --subsystem=10 $< $@

# The disk image, as it is and as qemu's own format: all of the appliance on an EFI system partition.
$(BUILD)/moxie.img: tools/image $(BUILD)/BOOTX64.EFI $(BUILD)/moxie.elf $(BUILD)/bundle.cpio $(CONFIG)
	echo "  DISK  $@"
	tools/image $@ $(BUILD)/BOOTX64.EFI $(BUILD)/moxie.elf $(BUILD)/bundle.cpio '$(CONFIG)'
$(BUILD)/moxie.qcow2: $(BUILD)/moxie.img
	qemu-img convert -O qcow2 $< $@

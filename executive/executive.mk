# build/moxie.elf: the executive. No libc but the self-contained mem* and str* functions of musl.
# build/flat/moxie.elf: the same objects without isolation, only to measure its price (make flat).
EXECUTIVE_SRCS := $(wildcard executive/*.c executive/x86_64/*.c executive/x86_64/*.S iskra/*.c) lib/cpio.c lib/screen.c lib/font.S
EXECUTIVE_OBJ   = $(patsubst %,$(BUILD)/executive/%.o,$(basename $(1)))
EXECUTIVE_OBJS := $(call EXECUTIVE_OBJ,$(EXECUTIVE_SRCS))
EXECUTIVE_LD   := $(BUILD)/executive/executive.ld

# No vector registers: they belong to the domains. No red zone: interrupts use the same stack.
EXECUTIVE_CFLAGS := $(COMMON) -ffreestanding -mno-red-zone -mgeneral-regs-only -mcmodel=kernel -fno-pic \
            -fno-pie -fno-stack-protector -fcf-protection=none -nostdinc -I. -Iinclude \
            -isystem $(MUSL_INC) -isystem $(CC_INC)

$(BUILD)/executive/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(EXECUTIVE_CFLAGS) -c $< -o $@
$(BUILD)/executive/%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(EXECUTIVE_CFLAGS) -Wa,-I$(BUILD) -c $< -o $@

$(EXECUTIVE_LD): executive/x86_64/executive.ld executive/x86_64/layout.h
	@mkdir -p $(@D)
	$(CC) -E -P -I. -x c $< -o $@

$(BUILD)/moxie.elf: $(call EXECUTIVE_OBJ,$(wildcard executive/x86_64/isolated/*.[cS]))
$(BUILD)/flat/moxie.elf: $(call EXECUTIVE_OBJ,$(wildcard executive/x86_64/flat/*.[cS]))
$(BUILD)/moxie.elf $(BUILD)/flat/moxie.elf: $(EXECUTIVE_OBJS) $(EXECUTIVE_LD)
	@mkdir -p $(@D)
	$(CC) -static -nostdlib $(LTO) -O2 $(filter -m%,$(EXECUTIVE_CFLAGS)) -Wl,--gc-sections \
		-Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack -T $(EXECUTIVE_LD) -o $@ $(filter %.o,$^) $(MUSL_LIB)

# A build folder like any other, of the very same domain images.
.PHONY: flat
flat: $(BUILD)/flat/moxie.elf $(BUILD)/bundle.cpio $(BUILD)/BOOTX64.EFI
	@ln -sfn ../domains ../bundle.cpio ../BOOTX64.EFI $(BUILD)/flat/

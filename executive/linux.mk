# build/moxie-linux: the same executive as a Linux program (executive/linux/host/host.h).
# The executive is linked into one object in which only its entry is visible, and copied once a
# core: each has its own code and static data, as on bare metal. host/ is there once.
LINUX_SRCS  := $(wildcard executive/*.c executive/linux/*.c executive/linux/*.S iskra/*.c) lib/cpio.c
LINUX_HOST  := $(wildcard executive/linux/host/*.c) executive/topology.c lib/cpio.c
ifneq ($(SANITIZE),)
LINUX_SRCS  += $(wildcard executive/linux/sanitized/*.c)
LINUX_HOST  += $(wildcard executive/linux/sanitized/host/*.c)
endif
LINUX_CORES := 0 1 2 3 4 5 6 7
LINUX_OBJ    = $(patsubst %,$(BUILD)/linux/%.o,$(basename $(1)))

# The gate abandons stacks and changes %fs: no stack protector, no unwinding across it.
LINUX_CFLAGS := $(filter-out $(LTO),$(COMMON)) -D_GNU_SOURCE -fPIE -fno-stack-protector \
            -fcf-protection=none -I. -Iinclude $(if $(SANITIZE),$(SANITIZE_CFLAGS))
# Sanitized: nothing may lie on, or count calls by, a stack that is abandoned at every switch.
$(call LINUX_OBJ,$(LINUX_SRCS)): LINUX_CFLAGS += $(if $(SANITIZE),--param asan-stack=0 --param tsan-instrument-func-entry-exit=0)

$(BUILD)/linux/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(LINUX_CFLAGS) $(CFLAGS_LINUX_$*) -c $< -o $@
$(BUILD)/linux/%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(LINUX_CFLAGS) -c $< -o $@

# Optimised as a whole where the compiler brings what that needs, as on bare metal.
LINUX_LTO    := $(if $(LTO),-flto=auto)
$(call LINUX_OBJ,$(LINUX_SRCS)): LINUX_CFLAGS += $(LINUX_LTO)

$(BUILD)/linux/core.o: $(call LINUX_OBJ,$(LINUX_SRCS))
	$(CC) -r -nostdlib $(if $(LINUX_LTO),$(LINUX_LTO) -flinker-output=nolto-rel -O2 -fPIE) -o $@ $^
$(BUILD)/linux/core-%.o: $(BUILD)/linux/core.o
	objcopy --redefine-sym core_entry=core_entry_$* --keep-global-symbol=core_entry_$* $< $@
$(BUILD)/linux/drivers.o: $(BUILD)/linux/drivers.cpio
	echo '.section .rodata; .globl linux_drivers, linux_drivers_end; linux_drivers: .incbin "$<"; linux_drivers_end: .section .note.GNU-stack,"",@progbits' | $(CC) -c -x assembler - -o $@

$(BUILD)/moxie-linux: $(patsubst %,$(BUILD)/linux/core-%.o,$(LINUX_CORES)) $(call LINUX_OBJ,$(LINUX_HOST)) $(BUILD)/linux/drivers.o
	echo "  LINK  $@"
	$(CC) -pie -pthread $(if $(SANITIZE),-fsanitize=$(SANITIZE)) -o $@ $^ -lpcap

.PHONY: linux
linux: $(BUILD)/moxie-linux $(BUILD)/bundle.cpio

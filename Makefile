# Moxie. `make help` lists the targets; each directory's *.mk lists its own sources.
CC       ?= gcc
# SANITIZE=address,undefined or thread: for the executive on Linux, see docs/linux.md.
SANITIZE ?=
BUILD    ?= build$(if $(SANITIZE),/linux-$(if $(findstring thread,$(SANITIZE)),tsan,asan))
WWW      ?= www
CONFIG   ?= config/appliance.conf
# musl's libc.a and headers; the compiler's own headers (stdint.h, stdarg.h).
MUSL_INC ?= /usr/include/x86_64-linux-musl
MUSL_LIB ?= /usr/lib/x86_64-linux-musl/libc.a
CC_INC   := $(shell $(CC) -print-file-name=include)

# A message of the wrong type is an error always, not only where warnings are (tests/compile).
WARN     := -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Werror=incompatible-pointer-types \
            $(if $(CI),-Werror) $(WERROR)
# Optimised across files where the compiler brings what that needs: 9 % fewer instructions a packet.
LTO      := $(if $(SANITIZE)$(findstring clang,$(shell $(CC) --version)),,-flto=auto)
COMMON   := -O2 -g $(LTO) -fno-strict-aliasing -ffunction-sections -fdata-sections -fno-common \
            -fno-asynchronous-unwind-tables -MMD -MP $(WARN)
# A domain sees the public headers, musl, and the kernel's virtio headers; nothing of executive/.
DOMAIN_CFLAGS := $(COMMON) -fPIE -fvisibility=hidden -fno-stack-protector -nostdinc \
            -Iinclude -isystem $(MUSL_INC) -isystem $(CC_INC) -idirafter /usr/include \
            -idirafter /usr/include/x86_64-linux-gnu
DOMAIN_LDFLAGS := -static-pie -nostdlib -nostartfiles -Wl,--gc-sections -Wl,-z,noexecstack \
            -Wl,-z,max-page-size=4096 -Wl,-z,norelro -Wl,-z,separate-code -Wl,--build-id=none \
            -Wl,-e,mx_start -Wl,-u,mx_start -Wl,--hash-style=sysv
# Sanitized, a domain has the host's libc and is a shared object: executive/linux/host/link.c joins both.
comma := ,
SANITIZE_CFLAGS := -DSANITIZED=1 -O1 -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer \
            $(if $(findstring thread,$(SANITIZE)),-Wno-tsan,--param asan-use-after-return=0) -Wno-maybe-uninitialized
ifneq ($(SANITIZE),)
DOMAIN_CFLAGS := $(COMMON) $(SANITIZE_CFLAGS) -fPIC -fvisibility=hidden -Iinclude
DOMAIN_LDFLAGS := $(filter-out -static-pie,$(DOMAIN_LDFLAGS)) -shared -Wl,-Bsymbolic
MUSL_LIB :=
endif

.DELETE_ON_ERROR:
# Short lines; `make V=1` shows the commands.
$(if $(V),,.SILENT:)
.SUFFIXES:
.PHONY: all help clean
all: image

# Every directory adds to these.
DOMAINS   :=
LINUX_DOMAINS :=
TEST_DOMAINS :=
LIB_SRCS  := $(wildcard lib/*.c lib/*.S)
include $(sort $(wildcard executive/*.mk loader/*.mk */domain.mk */*/domain.mk tests/*/tests.mk tools/*.mk))

OBJ       = $(addprefix $(BUILD)/domain/,$(addsuffix .o,$(basename $(1))))
LIB_OBJS := $(call OBJ,$(LIB_SRCS))
$(BUILD)/libmoxie.a: $(LIB_OBJS)
	@rm -f $@
	$(if $(LTO),gcc-ar,ar) rcs $@ $^

$(BUILD)/domain/%.o: %.c | $(BUILD_DEPS)
	@mkdir -p $(@D)
	echo "  CC    $<"
	$(CC) $(DOMAIN_CFLAGS) $(CFLAGS_$*) $(CFLAGS_DIR_$(subst /,_,$(patsubst %/,%,$(dir $*)))) -c $< -o $@
	@tools/check-includes $(@:.o=.d)
$(BUILD)/domain/%.o: %.S
	@mkdir -p $(@D)
	echo "  AS    $<"
	$(CC) $(DOMAIN_CFLAGS) -Wa,-I$(BUILD) -c $< -o $@

# The letters on a screen.
PSF ?= /usr/share/consolefonts/Unifont-APL8x16.psf.gz
$(BUILD)/font.bin: tools/font $(PSF)
	@mkdir -p $(@D)
	tools/font $(PSF) $@
$(BUILD)/domain/lib/font.o $(BUILD)/executive/lib/font.o: $(BUILD)/font.bin

# One image a domain: $(name)_SRCS, and $(name)_LIBS for third-party archives.
define domain_rule
$(BUILD)/domains/$(1).elf: $(call OBJ,$($(1)_SRCS)) $($(1)_LIBS) $(BUILD)/libmoxie.a
	@mkdir -p $$(@D)
	echo "  LINK  $$@"
	$(CC) $(DOMAIN_LDFLAGS) $(if $(SANITIZE),-Wl$(comma)-soname$(comma)$$(abspath $$@.debug)) $(LTO) -O2 -o $$@.debug $$^ $(MUSL_LIB) -lgcc
	@objcopy --strip-debug $$@.debug $$@
endef
# LINUX_DOMAINS and TEST_DOMAINS are linked alike, but are no part of the bundle.
$(foreach d,$(DOMAINS) $(LINUX_DOMAINS) $(TEST_DOMAINS),$(eval $(call domain_rule,$(d))))
IMAGES := $(patsubst %,$(BUILD)/domains/%.elf,$(DOMAINS))

.PHONY: image domains test-domains
image: $(BUILD)/moxie.elf $(BUILD)/bundle.cpio $(BUILD)/moxie.img $(BUILD)/moxie.qcow2
domains: $(IMAGES)
# The bundles of tests/net hold what lies there, so `set system domain NAME image FILE` finds them.
test-domains: $(patsubst %,$(BUILD)/domains/%.elf,$(TEST_DOMAINS))

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -type f -name '*.d' 2>/dev/null)

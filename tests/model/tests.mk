# The model check: docs/checking.md. The checker is plain; what it checks, and the scenarios, are
# compiled with the hooks of -fsanitize=thread, which tests/model/hooks.c answers instead of libtsan.
MODEL_CFLAGS  := -std=gnu11 -O1 -g -fno-lto -Iinclude -I. -MMD -MP -Wall -Wextra -Wshadow \
                 -Wstrict-prototypes -Wmissing-prototypes $(WERROR)
MODEL_CHECKED := $(MODEL_CFLAGS) -fsanitize=thread $(if $(findstring clang,$(CC)),,-Wno-tsan) \
                 -DFIFO_SLOTS=2u -DFIFO_FRAMES=1u -include tests/model/sites.h
MODEL_HOOKED  := --redefine-sym memcpy=model_memcpy --redefine-sym memset=model_memset
MODEL_ENGINE  := $(addprefix $(BUILD)/model/,explore.o thread.o memory.o race.o mutant.o hooks.o main.o cells.o)
MODEL_SCENES  := $(addprefix $(BUILD)/model/,litmus_model.o channel_model.o fifo_model.o exchange_model.o)
MODEL_CELL    := $(addprefix $(BUILD)/model/,cell.o executive/fifo.o)
MODEL_CELLS   := $(foreach n,0 1 2,$(BUILD)/model/cell_$(n).o)

$(MODEL_ENGINE): $(BUILD)/model/%.o: tests/model/%.c
	@mkdir -p $(@D)
	$(CC) $(MODEL_CFLAGS) -O2 -c $< -o $@
$(MODEL_SCENES) $(BUILD)/model/cell.o: $(BUILD)/model/%.o: tests/model/%.c
	@mkdir -p $(@D)
	$(CC) $(MODEL_CHECKED) -c $< -o $@
	objcopy $(MODEL_HOOKED) $@
$(BUILD)/model/executive/%.o: executive/%.c
	@mkdir -p $(@D)
	$(CC) $(MODEL_CHECKED) -c $< -o $@
	objcopy $(MODEL_HOOKED) $@
$(BUILD)/model/cells.o $(MODEL_SCENES): MODEL_CFLAGS += -DFIFO_SLOTS=2u -DFIFO_FRAMES=1u

# All but the table becomes local, so that each core has a copy of everything.
$(BUILD)/model/cells.a.o: $(MODEL_CELL)
	ld -r -o $@ $^
$(MODEL_CELLS): $(BUILD)/model/cell_%.o: $(BUILD)/model/cells.a.o
	objcopy --keep-global-symbol=cell --rename-section .bss=model_bss \
		--rename-section .bss.hot=model_bss $< $@
	objcopy --redefine-sym cell=cell_$* $@

$(BUILD)/model/model: $(MODEL_ENGINE) $(MODEL_SCENES) $(MODEL_CELLS)
	$(CC) -o $@ $^

# The exchange wants FIFOs that are never full.
MODEL_PAIR    := $(addprefix $(BUILD)/model/pair/,tests/model/pair.o \
                 $(addprefix executive/,exchange.o collect.o remote.o frame.o fifo.o))
MODEL_PAIRS   := $(BUILD)/model/pair_0.o $(BUILD)/model/pair_1.o
$(BUILD)/model/pair/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(subst =2u,=16u,$(MODEL_CHECKED)) -c $< -o $@
	objcopy $(MODEL_HOOKED) $@
$(BUILD)/model/pairs.a.o: $(MODEL_PAIR)
	ld -r -o $@ $^
$(MODEL_PAIRS): $(BUILD)/model/pair_%.o: $(BUILD)/model/pairs.a.o
	objcopy --keep-global-symbol=pair --rename-section .bss=model_bss \
		--rename-section .bss.hot=model_bss $< $@
	objcopy --redefine-sym pair=pair_$* $@
$(BUILD)/model/model: $(MODEL_PAIRS)

.PHONY: model model-program model-long
model-program: $(BUILD)/model/model
model: model-program
	@$(BUILD)/model/model
model-long: model-program
	@$(BUILD)/model/model long

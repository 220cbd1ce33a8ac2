# Host tests and fuzzing of the engine, tests that run in QEMU, tests of the POSIX port. Included by firmware/Makefile before tests.mk.

TESTS += arena module_check engine

TEST_ENGINE := $(wildcard src/engine/*.c src/engine/wamr/*.c)
TEST_arena := src/engine/arena.c
TEST_module_check := $(wildcard src/engine/check*.c) src/engine/reader.c src/engine/wamr/format.c \
  test/fakes/wasm_builder.c
TEST_module_check_CFLAGS = -Isrc/engine/wamr
# As wide as the board, so that frames and arenas are laid out as there.
TEST_ENGINE_CPU := $(POSIX_CPU) -malign-double -DBUILD_TARGET_X86_32 -DBUILD_TARGET='"X86_32"'
TEST_engine := $(TEST_ENGINE) test/fakes/wasm_builder.c test/fakes/port_guard.c
TEST_engine_CFLAGS = $(WAMR_FLAGS) $(WAMR_INCLUDES) -I$(BUILD)/include $(TEST_ENGINE_CPU) -Wl,--gc-sections -Wl,--wrap=wasm_set_exception -lm

# WAMR itself without warnings and without the undefined-behaviour sanitizer: it is not ours to mend.
TEST_WAMR_SOURCES := $(addprefix $(WAMR)/,$(WAMR_SOURCES))
TEST_WAMR_OBJECTS := $(addprefix $(BUILD)/test/wamr/,$(notdir $(TEST_WAMR_SOURCES:.c=.o)))
$(BUILD)/test/test_engine: $(TEST_WAMR_OBJECTS) $(REVISION_HEADER)
$(BUILD)/test/wamr/%.o: $(WAMR)/*/*/%.c wamr.mk
	@mkdir -p $(dir $@)
	@gcc -w -g -O1 -std=c11 -fsanitize=address -ffunction-sections $(WAMR_FLAGS) $(WAMR_INCLUDES) $(TEST_ENGINE_CPU) \
	  -c $< -o $@

FUZZ += engine
FUZZ_engine := $(TEST_engine) $(TEST_WAMR_SOURCES)
FUZZ_engine_CFLAGS = -w -fno-sanitize=undefined $(WAMR_FLAGS) $(WAMR_INCLUDES) -I$(BUILD)/include \
  -DBUILD_TARGET_X86_64 -DBUILD_TARGET='"X86_64"' -Wl,--gc-sections -Wl,--wrap=wasm_set_exception -lm
$(BUILD)/test/fuzz_engine: $(REVISION_HEADER)

# ---- In QEMU ----

DEVICE_TESTS := levels guard mapped serial flash faults
DEVICE_TEST_SOURCES := $(ENGINE_SOURCES) $(STM32F4_SOURCES) test/fakes/wasm_builder.c

$(call compile,$(BOARD),$(ARM)gcc,$(DEVICE_FLAGS) -Itest,test/fakes/wasm_builder.c \
  $(DEVICE_TESTS:%=test/device/test_%.c) test/device/check.c)

define device_test
$(call link_device,$(BUILD)/test/device/$1.elf,$(call objects,$(BOARD),$(DEVICE_TEST_SOURCES) test/device/test_$1.c \
  test/device/check.c),../boards/$(BOARD),../boards/$(BOARD)/memory.ld)
endef
$(foreach test,$(DEVICE_TESTS),$(eval $(call device_test,$(test))))

test-device: $(DEVICE_TESTS:%=$(BUILD)/test/device/%.bin) $(BUILD)/$(BOARD)/boot.bin
	@node test/device/run.mjs $(DEVICE_TESTS)

# ---- As a program ----

POSIX_GUARD_TEST := $(ENGINE_SOURCES) test/fakes/wasm_builder.c test/device/test_guard.c
$(call compile,posix,gcc,$(POSIX_FLAGS) -malign-double -Itest,$(filter test/%,$(POSIX_GUARD_TEST)) test/posix/check.c)

$(BUILD)/test/posix/guard: $(call objects,posix,$(POSIX_GUARD_TEST) $(POSIX_SOURCES) test/posix/check.c)
	@mkdir -p $(dir $@)
	@gcc $(POSIX_LINK) $^ -lm -o $@

.PHONY: test-posix
test-posix: $(BUILD)/test/posix/guard $(BUILD)/posix/radon
	@node test/posix/run.mjs

# ---- The template: complete, so that a copy of it links ----

$(call compile,template,gcc,$(POSIX_FLAGS),port/template/port.c)
.PHONY: test-template
test-template: $(call objects,template,port/template/port.c)
	@for name in $$(sed -n 's/.*\<\(radon_port_[a-z_]*\)(.*/\1/p' include/radon/port.h | sort -u); do \
	   nm $< | grep -q " T $$name$$" || { echo "not ok template lacks $$name"; exit 1; }; \
	 done; echo "ok template defines every function of radon/port.h"

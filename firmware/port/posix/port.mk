# The POSIX port: build/posix/radon. Sources of the port itself keep the alignment of the C library's structures.

POSIX := port/posix
POSIX_SOURCES := $(wildcard $(POSIX)/*.c) port/shared/channels.c
POSIX_NODE := $(ENGINE_SOURCES) $(CRYPTO_SOURCES) $(NODE_SOURCES)

$(call compile,posix,gcc,$(POSIX_FLAGS) -malign-double,$(POSIX_NODE))
$(call compile,posix,gcc,$(POSIX_FLAGS) -I../boards/$(BOARD),$(POSIX_SOURCES))

$(BUILD)/posix/radon: $(call objects,posix,$(POSIX_NODE) $(POSIX_SOURCES))
	@echo "  LD  $@"
	@mkdir -p $(dir $@)
	@gcc $(POSIX_LINK) $^ -lm -o $@

posix: $(BUILD)/posix/radon

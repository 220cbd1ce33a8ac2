# Targets of the STM32F4 port. port.ld says where things go; the board's memory.ld how much there is.

STM32F4 := port/stm32f4
STM32F4_SOURCES := $(filter-out $(addprefix $(STM32F4)/,boot.c measure.c),$(wildcard $(STM32F4)/*.c)) \
  $(STM32F4)/guard_call.S port/shared/channels.c
DEVICE_FLAGS := $(ARM_FLAGS) -I$(STM32F4) -I../boards/$(BOARD)
DEVICE_SOURCES := $(ENGINE_SOURCES) $(CRYPTO_SOURCES) $(NODE_SOURCES) $(STM32F4_SOURCES)
DEVICE_LINK := -L../boards/$(BOARD) -T $(STM32F4)/port.ld

$(call compile,$(BOARD),$(ARM)gcc,$(DEVICE_FLAGS),$(DEVICE_SOURCES) $(STM32F4)/boot.c $(STM32F4)/measure.c)

# $(call link_device,ELF,OBJECTS,MEMORY FOLDER,EXTRA INPUTS)
define link_device
$1: $2 $(STM32F4)/port.ld $4
	@echo "  LD  $1"
	@mkdir -p $$(dir $$@)
	@$(ARM)gcc $(ARM_LINK) -L$3 -T $(STM32F4)/port.ld -Wl,-Map=$$(basename $$@).map $2 -lm -o $$@
endef

$(eval $(call link_device,$(BUILD)/$(BOARD)/radon.elf,$(call objects,$(BOARD),$(DEVICE_SOURCES)),../boards/$(BOARD),\
  ../boards/$(BOARD)/memory.ld))

# The measuring program finds a memory.ld of its own.
$(BUILD)/measure/memory.ld: $(STM32F4)/measure.ld
	@mkdir -p $(dir $@)
	@cp $< $@
MEASURE_OBJECTS := $(call objects,$(BOARD),$(ENGINE_SOURCES) $(STM32F4_SOURCES) $(STM32F4)/measure.c)
$(eval $(call link_device,$(BUILD)/measure/measure.elf,$(MEASURE_OBJECTS),$(BUILD)/measure,$(BUILD)/measure/memory.ld))

$(BUILD)/$(BOARD)/boot.elf: $(call objects,$(BOARD),$(STM32F4)/boot.c) $(STM32F4)/boot.ld
	@echo "  LD  $@"
	@$(ARM)gcc $(ARM_LINK) -nostdlib -L../boards/$(BOARD) -T $(STM32F4)/boot.ld $< -o $@

%.bin: %.elf
	@$(ARM)objcopy -O binary $< $@

device: $(addprefix $(BUILD)/$(BOARD)/,radon.elf radon.bin boot.elf boot.bin)
measure: $(BUILD)/measure/measure.elf

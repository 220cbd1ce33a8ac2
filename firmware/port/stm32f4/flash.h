/** The two flash drivers of this port; radon_port_flash() has the one that fits. */
#ifndef RADON_PORT_STM32F4_FLASH_H
#define RADON_PORT_STM32F4_FLASH_H

#include "radon/store/flash.h"

#include <stdbool.h>

#define RADON_STM32_FLASH_BASE 0x08000000U
#define RADON_STM32_FLASH_SECTORS 8U

/** Sectors of 512 KiB (RM0090 table 5). */
extern const radon_flash_sector_t radon_stm32_flash_sectors[RADON_STM32_FLASH_SECTORS];

/** The controller of the part. */
radon_err_t radon_stm32_controller_program(void *context, uint32_t address, const void *data, size_t size);
radon_err_t radon_stm32_controller_erase(void *context, uint32_t sector);

/** The image file of an emulator without one. */
bool radon_stm32_image_open(void);
radon_err_t radon_stm32_image_program(void *context, uint32_t address, const void *data, size_t size);
radon_err_t radon_stm32_image_erase(void *context, uint32_t sector);

#endif

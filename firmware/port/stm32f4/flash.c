#include "flash.h"

#include "port.h"

const radon_flash_sector_t radon_stm32_flash_sectors[RADON_STM32_FLASH_SECTORS] = {
    {0x08000000, 16384}, {0x08004000, 16384},  {0x08008000, 16384},  {0x0800C000, 16384},
    {0x08010000, 65536}, {0x08020000, 131072}, {0x08040000, 131072}, {0x08060000, 131072},
};

static radon_flash_t flash = {
    .program = radon_stm32_controller_program,
    .erase = radon_stm32_controller_erase,
    .sectors = radon_stm32_flash_sectors,
    .sector_count = RADON_STM32_FLASH_SECTORS,
    .mapped = (const uint8_t *)RADON_STM32_FLASH_BASE,
    .base = RADON_STM32_FLASH_BASE,
};

void radon_stm32_flash_init(void)
{
    if (radon_stm32_is_emulated() && radon_stm32_image_open()) {
        flash.program = radon_stm32_image_program;
        flash.erase = radon_stm32_image_erase;
    }
}

const radon_flash_t *radon_port_flash(void)
{
    return &flash;
}

/* Flash: programs, erases, and finds everything again after the reset and in a new emulator with the same
 * image file. */
#include "check.h"

#include "radon/store/flash.h"
#include "semihosting.h"

#include <string.h>

#define KV_SECTOR 1U
#define IMAGE_SECTOR 7U

void radon_network_task(void)
{
}

static bool is_erased(const radon_flash_t *flash, uint32_t sector)
{
    const uint8_t *bytes = radon_flash_at(flash, flash->sectors[sector].address);
    for (uint32_t i = 0; i < flash->sectors[sector].size; i++) {
        if (bytes[i] != RADON_FLASH_ERASED) {
            return false;
        }
    }
    return true;
}

static void first_run(const radon_flash_t *flash)
{
    static const char text[] = "what was programmed stays there ";
    uint32_t address = flash->sectors[IMAGE_SECTOR].address;
    uint8_t large[1000];
    memset(large, 0xA5, sizeof large);
    EXPECT(flash->program(flash->context, address, text, 32) == RADON_OK);
    EXPECT(memcmp(radon_flash_at(flash, address), text, 32) == 0);
    EXPECT(flash->program(flash->context, address + 32, large, sizeof large) == RADON_OK);
    EXPECT(memcmp(radon_flash_at(flash, address + 32), large, sizeof large) == 0);
    EXPECT(radon_flash_at(flash, address + 32)[sizeof large] == RADON_FLASH_ERASED);

    const uint32_t ones_and_zeros = 0x0F0F0F0F;
    EXPECT(flash->program(flash->context, address, &ones_and_zeros, 4) == RADON_OK);
    EXPECT(radon_flash_at(flash, address)[0] == ('w' & 0x0F)); /* bits only go from 1 to 0 */

    EXPECT(flash->program(flash->context, flash->sectors[KV_SECTOR].address, text, 32) == RADON_OK);
    EXPECT(!is_erased(flash, KV_SECTOR));
    EXPECT(flash->erase(flash->context, KV_SECTOR) == RADON_OK);
    EXPECT(is_erased(flash, KV_SECTOR));
    EXPECT(flash->erase(flash->context, 6) == RADON_OK); /* 128 KiB */
}

static void later_run(const radon_flash_t *flash)
{
    uint32_t address = flash->sectors[IMAGE_SECTOR].address;
    EXPECT(memcmp(radon_flash_at(flash, address + 4), " was programmed", 15) == 0);
    EXPECT(radon_flash_at(flash, address)[0] == ('w' & 0x0F));
    EXPECT(is_erased(flash, KV_SECTOR));
}

void radon_main(void)
{
    const radon_flash_t *flash = radon_port_flash();
    uint32_t marker = flash->sectors[2].address;
    bool first = radon_flash_at(flash, marker)[0] == RADON_FLASH_ERASED;
    if (!first) {
        later_run(flash);
        test_end();
    }
    first_run(flash);
    const uint32_t done = 0;
    EXPECT(flash->program(flash->context, marker, &done, 4) == RADON_OK);
    radon_port_reset(RADON_RESET_COMMAND);
}

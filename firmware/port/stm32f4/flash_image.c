/*
 * Flash on QEMU, which maps it but models no controller: a write goes to the image file and is read back into
 * the mapped address, which a guest may do through semihosting only. The file covers the flash from its first
 * byte, so a board started from it finds everything as it was.
 */
#include "flash.h"

#include "port.h"
#include "semihosting.h"

#include <string.h>

/* Words of the command line: the program's name, then the image file. */
#define COMMAND_LINE_BYTES 512U
#define CHUNK_BYTES 256U

static int32_t image = -1;

bool radon_stm32_image_open(void)
{
    char line[COMMAND_LINE_BYTES];
    if (!radon_semihosting_command_line(line, sizeof line)) {
        return false;
    }
    const char *path = strchr(line, ' ');
    image = path == NULL ? -1 : radon_semihosting_open(path + 1, RADON_SEMIHOSTING_READ_WRITE);
    return image >= 0;
}

/** Writes to the file, then from there into the mapped flash. */
static bool write_through(uint32_t address, const void *bytes, size_t size)
{
    uint32_t offset = address - RADON_STM32_FLASH_BASE;
    return radon_semihosting_seek(image, offset) && radon_semihosting_write(image, bytes, size) &&
           radon_semihosting_seek(image, offset) &&
           radon_semihosting_read(image, (void *)(uintptr_t)address, size) == size;
}

/** Programming turns bits from 1 to 0, as the cells do. */
radon_err_t radon_stm32_image_program(void *context, uint32_t address, const void *data, size_t size)
{
    (void)context;
    uint8_t chunk[CHUNK_BYTES];
    for (size_t done = 0; done < size;) {
        size_t length = size - done < sizeof chunk ? size - done : sizeof chunk;
        const uint8_t *old = (const uint8_t *)(uintptr_t)(address + done);
        for (size_t i = 0; i < length; i++) {
            chunk[i] = (uint8_t)(((const uint8_t *)data)[done + i] & old[i]);
        }
        if (!write_through((uint32_t)(address + done), chunk, length)) {
            return RADON_E_IO;
        }
        done += length;
    }
    return RADON_OK;
}

radon_err_t radon_stm32_image_erase(void *context, uint32_t sector)
{
    (void)context;
    uint8_t erased[CHUNK_BYTES];
    memset(erased, RADON_FLASH_ERASED, sizeof erased);
    const radon_flash_sector_t *at = &radon_stm32_flash_sectors[sector];
    for (uint32_t done = 0; done < at->size; done += sizeof erased) {
        if (!write_through(at->address + done, erased, sizeof erased)) {
            return RADON_E_IO;
        }
    }
    return RADON_OK;
}

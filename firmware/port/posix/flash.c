/* Flash: a file of its whole size, mapped. What was written to the mapping survives the end of the process.
 */
#include "posix.h"

#include "radon/store/flash.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLASH_BASE 0x08000000U
#define FLASH_BYTES (512U * 1024U)

static radon_err_t program(void *context, uint32_t address, const void *data, size_t size);
static radon_err_t erase(void *context, uint32_t sector);

/* Sectors of the 512 KiB STM32F405 (docs/reference/wire.md, "Flash map"). */
static const radon_flash_sector_t sectors[] = {
    {0x08000000, 16384}, {0x08004000, 16384},  {0x08008000, 16384},  {0x0800C000, 16384},
    {0x08010000, 65536}, {0x08020000, 131072}, {0x08040000, 131072}, {0x08060000, 131072},
};

static uint8_t *bytes;
static radon_flash_t flash = {
    .program = program,
    .erase = erase,
    .sectors = sectors,
    .sector_count = sizeof sectors / sizeof sectors[0],
    .base = FLASH_BASE,
};

/** Makes a file of erased flash, or brings one that is too short to its size. */
static void fill_up(int file, off_t size)
{
    static const uint8_t erased[4096] = {[0 ... 4095] = RADON_FLASH_ERASED};
    while (size < (off_t)FLASH_BYTES) {
        size_t length =
            FLASH_BYTES - (size_t)size < sizeof erased ? FLASH_BYTES - (size_t)size : sizeof erased;
        ssize_t written = pwrite(file, erased, length, size);
        if (written <= 0) {
            radon_posix_fail(radon_posix_options.flash);
        }
        size += written;
    }
}

void radon_posix_flash_init(void)
{
    int file = open(radon_posix_options.flash, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) {
        radon_posix_fail(radon_posix_options.flash);
    }
    fill_up(file, status.st_size);
    bytes = mmap(NULL, FLASH_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (bytes == MAP_FAILED) {
        radon_posix_fail(radon_posix_options.flash);
    }
    (void)close(file);
    flash.mapped = bytes;
}

const radon_flash_t *radon_port_flash(void)
{
    return &flash;
}

/** Bits go from 1 to 0 only, as in the cells. */
static radon_err_t program(void *context, uint32_t address, const void *data, size_t size)
{
    (void)context;
    uint8_t *to = bytes + (address - FLASH_BASE);
    for (size_t i = 0; i < size; i++) {
        to[i] &= ((const uint8_t *)data)[i];
    }
    return RADON_OK;
}

static radon_err_t erase(void *context, uint32_t sector)
{
    (void)context;
    memset(bytes + (sectors[sector].address - FLASH_BASE), RADON_FLASH_ERASED, sectors[sector].size);
    return RADON_OK;
}

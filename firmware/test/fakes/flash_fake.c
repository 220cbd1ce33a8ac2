#include "flash_fake.h"

#include <stdlib.h>
#include <string.h>

uint32_t flash_fake_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static uint32_t read_word(const flash_fake_t *fake, uint32_t offset)
{
    uint32_t word;
    memcpy(&word, fake->bytes + offset, sizeof(word));
    return word;
}

static bool next_fails(flash_fake_t *fake)
{
    fake->operations++;
    return fake->operations == fake->fail_at;
}

/** What the hardware does: bits go to 0 only. */
static void program_word(flash_fake_t *fake, uint32_t offset, uint32_t word)
{
    const uint32_t result = read_word(fake, offset) & word;
    memcpy(fake->bytes + offset, &result, sizeof(result));
    fake->written[offset / RADON_FLASH_UNIT] |= word != UINT32_MAX;
}

static bool one_sector(const flash_fake_t *fake, uint32_t address, size_t size)
{
    for (uint32_t i = 0; i < fake->flash.sector_count; i++) {
        const radon_flash_sector_t *sector = &fake->sectors[i];
        if (address >= sector->address && size <= sector->size &&
            address - sector->address <= sector->size - size) {
            return true;
        }
    }
    return false;
}

static radon_err_t program(void *context, uint32_t address, const void *data, size_t size)
{
    flash_fake_t *fake = context;
    if (size == 0 || size % RADON_FLASH_UNIT != 0 || address % RADON_FLASH_UNIT != 0 ||
        !one_sector(fake, address, size)) {
        fake->violations++;
        return RADON_E_IO;
    }
    for (size_t at = 0; at < size; at += RADON_FLASH_UNIT) {
        flash_fake_operation_t operation = {.address = address + (uint32_t)at};
        memcpy(&operation.word, (const uint8_t *)data + at, sizeof(operation.word));
        if (fake->before != NULL) {
            fake->before(fake, &operation);
        }
        if (next_fails(fake)) {
            return RADON_E_IO;
        }
        const uint32_t offset = operation.address - FLASH_FAKE_BASE;
        fake->violations += fake->written[offset / RADON_FLASH_UNIT];
        fake->violations += (read_word(fake, offset) & operation.word) != operation.word;
        program_word(fake, offset, operation.word);
    }
    return RADON_OK;
}

/** Fills a part of a sector; `written` says whether its units count as programmed afterwards. */
static void fill(flash_fake_t *fake, uint32_t offset, uint32_t size, uint8_t byte, uint8_t written)
{
    memset(fake->bytes + offset, byte, size);
    memset(fake->written + offset / RADON_FLASH_UNIT, written, size / RADON_FLASH_UNIT);
}

static radon_err_t erase(void *context, uint32_t sector)
{
    flash_fake_t *fake = context;
    if (sector >= fake->flash.sector_count) {
        fake->violations++;
        return RADON_E_IO;
    }
    const flash_fake_operation_t operation = {.erase = true, .sector = sector};
    if (fake->before != NULL) {
        fake->before(fake, &operation);
    }
    if (next_fails(fake)) {
        return RADON_E_IO;
    }
    fill(fake, fake->sectors[sector].address - FLASH_FAKE_BASE, fake->sectors[sector].size, 0xFF, 0);
    return RADON_OK;
}

void flash_fake_open(flash_fake_t *fake, uint32_t count, uint32_t sector_size, uint8_t byte)
{
    memset(fake, 0, sizeof(*fake));
    fake->size = count * sector_size;
    fake->bytes = malloc(fake->size);
    fake->written = malloc(fake->size / RADON_FLASH_UNIT);
    fill(fake, 0, fake->size, byte, 1);
    for (uint32_t i = 0; i < count; i++) {
        fake->sectors[i] = (radon_flash_sector_t){FLASH_FAKE_BASE + i * sector_size, sector_size};
    }
    fake->flash = (radon_flash_t){
        .program = program,
        .erase = erase,
        .context = fake,
        .sectors = fake->sectors,
        .sector_count = count,
        .mapped = fake->bytes,
        .base = FLASH_FAKE_BASE,
    };
}

void flash_fake_close(flash_fake_t *fake)
{
    free(fake->bytes);
    free(fake->written);
}

void flash_fake_copy(flash_fake_t *copy, const flash_fake_t *fake)
{
    memcpy(copy->bytes, fake->bytes, fake->size);
    memcpy(copy->written, fake->written, fake->size / RADON_FLASH_UNIT);
    copy->operations = 0;
    copy->violations = 0;
    copy->fail_at = 0;
    copy->before = NULL;
}

static void tear_unit(flash_fake_t *fake, const flash_fake_operation_t *operation, flash_torn_t how,
                      uint32_t *seed)
{
    const uint32_t offset = operation->address - FLASH_FAKE_BASE;
    const uint32_t kept[] = {
        [FLASH_TORN_NOTHING] = UINT32_MAX,
        [FLASH_TORN_RANDOM] = flash_fake_random(seed) | flash_fake_random(seed),
        [FLASH_TORN_HALF] = 0xFFFF0000U,
        [FLASH_TORN_WHOLE] = 0,
    };
    const uint32_t before = read_word(fake, offset);
    program_word(fake, offset, operation->word | kept[how]);
    if (read_word(fake, offset) == before) {
        fake->written[offset / RADON_FLASH_UNIT] = 0; /* cannot be told from a unit that was never begun */
    }
}

static void tear_sector(flash_fake_t *fake, const flash_fake_operation_t *operation, flash_torn_t how,
                        uint32_t *seed)
{
    const radon_flash_sector_t *sector = &fake->sectors[operation->sector];
    const uint32_t offset = sector->address - FLASH_FAKE_BASE;
    if (how == FLASH_TORN_RANDOM) {
        for (uint32_t i = 0; i < sector->size; i++) {
            fake->bytes[offset + i] |= (uint8_t)flash_fake_random(seed);
        }
    } else if (how != FLASH_TORN_NOTHING) {
        fill(fake, offset, how == FLASH_TORN_HALF ? sector->size / 2 : sector->size, 0xFF, 1);
    }
}

void flash_fake_tear(flash_fake_t *fake, const flash_fake_operation_t *operation, flash_torn_t how,
                     uint32_t *seed)
{
    if (operation->erase) {
        tear_sector(fake, operation, how, seed);
    } else {
        tear_unit(fake, operation, how, seed);
    }
}

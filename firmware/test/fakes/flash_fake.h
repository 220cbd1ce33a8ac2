/**
 * Flash for tests: programs and erases as the hardware does, notes every broken rule of radon/store/flash.h,
 * and lets a test look at the flash before each operation, tear that operation in a copy and see what a
 * restart makes of it.
 */
#ifndef RADON_TEST_FLASH_FAKE_H
#define RADON_TEST_FLASH_FAKE_H

#include "radon/store/flash.h"

#include <stdbool.h>

#define FLASH_FAKE_BASE 0x08000000U
#define FLASH_FAKE_SECTORS 4U

/** One operation: programming one unit, or erasing one sector. */
typedef struct {
    bool erase;
    uint32_t sector;  /**< of an erase */
    uint32_t address; /**< of a unit */
    uint32_t word;    /**< that the unit gets */
} flash_fake_operation_t;

typedef struct flash_fake {
    radon_flash_t flash;
    radon_flash_sector_t sectors[FLASH_FAKE_SECTORS];
    uint32_t size;
    uint8_t *bytes;
    uint8_t *written; /**< one per unit: programmed since the last erase */
    uint32_t operations;
    uint32_t violations; /**< rules broken */
    uint32_t fail_at;    /**< the operation with this number reports RADON_E_IO; 0 for none */
    void (*before)(struct flash_fake *fake, const flash_fake_operation_t *operation);
} flash_fake_t;

/** `count` (at most FLASH_FAKE_SECTORS) sectors of one size, filled with `fill`. */
void flash_fake_open(flash_fake_t *fake, uint32_t count, uint32_t sector_size, uint8_t fill);
void flash_fake_close(flash_fake_t *fake);

/** Makes `copy` (open, of the same shape) hold the same flash, without hook and counters. */
void flash_fake_copy(flash_fake_t *copy, const flash_fake_t *fake);

/** How far an operation came when power went. */
typedef enum {
    FLASH_TORN_NOTHING, /**< not begun */
    FLASH_TORN_RANDOM,  /**< a unit: some of its bits; a sector: garbage */
    FLASH_TORN_HALF,    /**< a unit: its low half; a sector: its first half erased */
    FLASH_TORN_WHOLE,   /**< done, but nobody was told */
    FLASH_TORN_COUNT,
} flash_torn_t;

/** Does to the flash what a cut operation does. */
void flash_fake_tear(flash_fake_t *fake, const flash_fake_operation_t *operation, flash_torn_t how,
                     uint32_t *seed);

/** Next number of a repeatable sequence (xorshift). */
uint32_t flash_fake_random(uint32_t *seed);

#endif

/**
 * Flash memory as the store sees it. A port fills in one radon_flash_t and keeps it for the life of the node.
 *
 * Addresses are those of the memory map (docs/reference/wire.md, "Flash map"). All of the flash a port lists
 * can be read at any time through radon_flash_at(): payloads are loaded and KV values are read in place.
 */
#ifndef RADON_STORE_FLASH_H
#define RADON_STORE_FLASH_H

#include "radon/abi.generated.h"

#include <stddef.h>
#include <stdint.h>

/** Smallest thing that is programmed, bytes. Every address and size handed to `program` is a multiple of it.
 */
#define RADON_FLASH_UNIT 4U

/** Value of a byte after an erase. */
#define RADON_FLASH_ERASED 0xFFU

typedef struct {
    uint32_t address; /**< First byte; a multiple of 8. */
    uint32_t size;    /**< Bytes; a multiple of 8. */
} radon_flash_sector_t;

/**
 * What a port owes. All members are borrowed and must stay valid.
 *
 * Power may go at any moment of a program or erase. Units that were being programmed then read as any mix of
 * their old and new bits, units after them are untouched, and a sector that was being erased reads as
 * anything.
 */
typedef struct {
    /**
     * Programs `size` bytes at `address`, in ascending order of units. Bits go from 1 to 0 only, and the
     * store programs a unit once between two erases; one that gets its erased value counts as not programmed
     * (a port whose flash keeps check bits skips it). `data` has any alignment and may itself lie in this
     * flash. The range is inside one sector. Returns when the bytes are readable and would survive a power
     * cut, or RADON_E_IO; the units of the range are then undefined.
     */
    radon_err_t (*program)(void *context, uint32_t address, const void *data, size_t size);

    /**
     * Erases one sector (index into `sectors`) to RADON_FLASH_ERASED. May take seconds. RADON_E_IO: the
     * contents of the sector are undefined.
     */
    radon_err_t (*erase)(void *context, uint32_t sector);

    /** First argument of both functions. */
    void *context;

    /** Every sector the store may be given, in ascending order of addresses. */
    const radon_flash_sector_t *sectors;
    uint32_t sector_count;

    /** Where the byte at address `base` can be read. On a device `mapped == (const uint8_t *)base`. */
    const uint8_t *mapped;
    uint32_t base;
} radon_flash_t;

/** The flash of the board, implemented by its port. The same for the whole run. */
const radon_flash_t *radon_port_flash(void);

/** Mapped bytes at a flash address. */
static inline const uint8_t *radon_flash_at(const radon_flash_t *flash, uint32_t address)
{
    return flash->mapped + (address - flash->base);
}

#endif

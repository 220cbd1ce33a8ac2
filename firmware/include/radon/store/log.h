/**
 * Log of checksummed records in two flash sectors used in turn: what the KV store and the image log have in
 * common. The format is in docs/reference/flash.md.
 *
 * Records are appended to the active sector. To get rid of dead ones, the owner opens the other (erased)
 * sector with radon_log_begin(), appends what is still wanted and makes it the active one with
 * radon_log_commit(), the one write that counts. The old sector stays readable until radon_log_erase_spare().
 *
 * A power cut at any moment leaves: every record whose append returned RADON_OK, and at most one torn record,
 * which radon_log_intact() tells apart and which the log steps over.
 */
#ifndef RADON_STORE_LOG_H
#define RADON_STORE_LOG_H

#include "radon/base/bytes.h"
#include "radon/store/flash.h"

#include <stdbool.h>

/** Bytes at the start of a sector before its first record. */
#define RADON_LOG_SECTOR_HEADER 16U

/** Bytes before the body of a record. */
#define RADON_LOG_RECORD_HEADER 8U

/** Records start at multiples of this. */
#define RADON_LOG_ALIGN 8U

/** Bytes that a record with a body of `size` bytes takes. */
#define RADON_LOG_RECORD_BYTES(size) ((RADON_LOG_RECORD_HEADER + (uint32_t)(size) + 7U) & ~7U)

typedef struct {
    const radon_flash_t *flash;
    uint32_t sectors[2]; /**< indices into flash->sectors */
    uint32_t magic;      /**< what kind of log, and its format version */
    uint32_t generation; /**< grows by one with every change of sectors */
    uint32_t end;        /**< offset of the next record; the sector's size when nothing can be appended */
    uint8_t active;      /**< index into `sectors` */
    bool spare_erased;   /**< the other sector can be written at once */
} radon_log_t;

typedef struct {
    uint32_t address; /**< flash address of the body; a multiple of 8 */
    uint32_t size;    /**< bytes of the body */
    uint32_t word;    /**< first header word: kind and size */
    uint32_t crc;
    uint8_t kind;
    const uint8_t *body;
} radon_log_record_t;

/**
 * Finds the newest valid sector, or starts an empty log where there is none (which erases one sector).
 * `flash` is kept. RADON_E_IO when the flash fails.
 */
radon_err_t radon_log_open(radon_log_t *log, const radon_flash_t *flash, const uint32_t sectors[2],
                           uint32_t magic);

/**
 * Steps through the records in the order they were appended, torn ones included. Start with *cursor = 0.
 * False at the end; bounded by the size of the sector whatever the flash holds.
 */
bool radon_log_next(const radon_log_t *log, uint32_t *cursor, radon_log_record_t *record);

/** Whether the first `checked` bytes of the body are what was appended. False when the body is shorter. */
bool radon_log_intact(const radon_log_record_t *record, uint32_t checked);

/** Bytes left for records, headers included. */
uint32_t radon_log_free(const radon_log_t *log);

/** Bytes a fresh sector has for records, headers included. */
uint32_t radon_log_capacity(const radon_log_t *log);

/**
 * Appends a record of `kind` (1..254) with a body of `size` bytes: the parts, one after the other, which are
 * what the checksum covers; the rest of the body stays erased for radon_log_program(). *address (or NULL) is
 * set to the body. RADON_E_FULL: does not fit, nothing was written. RADON_E_IO: not appended.
 */
radon_err_t radon_log_append(radon_log_t *log, uint8_t kind, uint32_t size, const radon_bytes_t *parts,
                             uint32_t count, uint32_t *address);

/** Programs erased bytes inside a record (multiples of RADON_FLASH_UNIT) and reads them back. */
radon_err_t radon_log_program(const radon_log_t *log, uint32_t address, const void *data, uint32_t size);

/** Whether all of a range reads as erased. `address` and `size` are multiples of 4. */
bool radon_log_blank(const radon_log_t *log, uint32_t address, uint32_t size);

/** Erases the sector that is not active, so that the next compaction can start. Slow; nothing to do when
 * erased. */
radon_err_t radon_log_erase_spare(radon_log_t *log);

/** Makes `next` an empty log on the spare sector, not valid yet. RADON_E_BUSY when that is not erased. */
radon_err_t radon_log_begin(radon_log_t *log, radon_log_t *next);

/**
 * Makes `next` the newest valid sector and `log` a copy of it. On RADON_E_IO `log` goes on as it was, unless
 * the write took effect and only its reading back failed.
 */
radon_err_t radon_log_commit(radon_log_t *log, radon_log_t *next);

#endif

#include "radon/store/log.h"

#include "radon/base/crc.h"

#include <string.h>

/** Start of a sector. `erased` is programmed right after an erase, the rest makes the sector valid. */
typedef struct {
    uint32_t erased;
    uint32_t magic;
    uint32_t generation;
    uint32_t crc; /**< of magic and generation */
} sector_header_t;

_Static_assert(sizeof(sector_header_t) == RADON_LOG_SECTOR_HEADER, "docs/reference/flash.md");

#define ERASED_MARK 0x45534152U /* "RASE" */
#define BLANK_WORD 0xFFFFFFFFU
#define SIZE_MASK 0x00FFFFFFU
#define KIND_SHIFT 24

/* ---- Sectors ---- */

static const radon_flash_sector_t *sector_of(const radon_log_t *log, uint32_t which)
{
    return &log->flash->sectors[log->sectors[which]];
}

static uint32_t sector_size(const radon_log_t *log)
{
    return sector_of(log, log->active)->size;
}

static uint32_t address_of(const radon_log_t *log, uint32_t offset)
{
    return sector_of(log, log->active)->address + offset;
}

static uint32_t word_at(const radon_log_t *log, uint32_t address)
{
    uint32_t word;
    memcpy(&word, radon_flash_at(log->flash, address), sizeof(word));
    return word;
}

bool radon_log_blank(const radon_log_t *log, uint32_t address, uint32_t size)
{
    for (uint32_t i = 0; i < size; i += 4) {
        if (word_at(log, address + i) != BLANK_WORD) {
            return false;
        }
    }
    return true;
}

/** An erase that was cut can leave a sector that reads as erased: only the mark written after it proves the
 * erase. */
static bool sector_erased(const radon_log_t *log, uint32_t which)
{
    const radon_flash_sector_t *sector = sector_of(log, which);
    return word_at(log, sector->address) == ERASED_MARK &&
           radon_log_blank(log, sector->address + 4, sector->size - 4);
}

static radon_err_t sector_erase(const radon_log_t *log, uint32_t which)
{
    const uint32_t mark = ERASED_MARK;
    radon_err_t result = log->flash->erase(log->flash->context, log->sectors[which]);
    if (result != RADON_OK) {
        return result;
    }
    result = radon_log_program(log, sector_of(log, which)->address, &mark, sizeof(mark));
    return result == RADON_OK && sector_erased(log, which) ? RADON_OK : RADON_E_IO;
}

static uint32_t header_crc(const sector_header_t *header)
{
    return radon_crc32(&header->magic, 8);
}

/** Generation of a valid sector, 0 for any other. */
static uint32_t sector_generation(const radon_log_t *log, uint32_t which)
{
    sector_header_t header;
    memcpy(&header, radon_flash_at(log->flash, sector_of(log, which)->address), sizeof(header));
    return header.magic == log->magic && header.crc == header_crc(&header) ? header.generation : 0;
}

/* ---- Records ---- */

/**
 * Reads the record header at `offset` and returns where the next one is, or `offset` itself at the end of the
 * log.
 *
 * Units are programmed in ascending order: when the second word of a header is still erased, nothing behind
 * it was written and the first may be torn; when it is not, the first is whole and its size can be trusted.
 */
static uint32_t step(const radon_log_t *log, uint32_t offset, radon_log_record_t *record)
{
    const uint32_t left = sector_size(log) - offset;
    if (left < RADON_LOG_RECORD_HEADER) {
        return offset;
    }
    record->address = address_of(log, offset) + RADON_LOG_RECORD_HEADER;
    record->body = radon_flash_at(log->flash, record->address);
    record->word = word_at(log, address_of(log, offset));
    record->crc = word_at(log, address_of(log, offset) + 4);
    if (record->crc == BLANK_WORD) {
        record->kind = 0;
        record->size = 0;
        return record->word == BLANK_WORD ? offset : offset + RADON_LOG_RECORD_HEADER;
    }
    record->kind = (uint8_t)(record->word >> KIND_SHIFT);
    record->size = record->word & SIZE_MASK;
    if (RADON_LOG_RECORD_BYTES(record->size) > left) {
        record->kind = 0;
        record->size = 0;
        return offset + left;
    }
    return offset + RADON_LOG_RECORD_BYTES(record->size);
}

/** Where appending goes on when the records before `offset` are known. */
static uint32_t find_end(const radon_log_t *log, uint32_t offset)
{
    radon_log_record_t record;
    uint32_t next = step(log, offset, &record);
    while (next != offset) {
        offset = next;
        next = step(log, offset, &record);
    }
    const uint32_t left = sector_size(log) - offset;
    return radon_log_blank(log, address_of(log, offset), left) ? offset : sector_size(log);
}

bool radon_log_next(const radon_log_t *log, uint32_t *cursor, radon_log_record_t *record)
{
    const uint32_t offset = *cursor == 0 ? RADON_LOG_SECTOR_HEADER : *cursor;
    const uint32_t next = offset < log->end ? step(log, offset, record) : offset;
    *cursor = next;
    return next != offset;
}

/** The checksum as it is stored: the erased value stands for "not written". */
static uint32_t record_crc(uint32_t state)
{
    const uint32_t crc = ~state;
    return crc == BLANK_WORD ? 0 : crc;
}

bool radon_log_intact(const radon_log_record_t *record, uint32_t checked)
{
    if (record->kind == 0 || checked > record->size) {
        return false;
    }
    const uint32_t state = radon_crc32_update(RADON_CRC32_START, &record->word, sizeof(record->word));
    return record_crc(radon_crc32_update(state, record->body, checked)) == record->crc;
}

uint32_t radon_log_free(const radon_log_t *log)
{
    return sector_size(log) - log->end;
}

uint32_t radon_log_capacity(const radon_log_t *log)
{
    return sector_size(log) - RADON_LOG_SECTOR_HEADER;
}

/* ---- Appending ---- */

radon_err_t radon_log_program(const radon_log_t *log, uint32_t address, const void *data, uint32_t size)
{
    const radon_err_t result = log->flash->program(log->flash->context, address, data, size);
    if (result != RADON_OK) {
        return result;
    }
    return memcmp(radon_flash_at(log->flash, address), data, size) == 0 ? RADON_OK : RADON_E_IO;
}

/** Gathers pieces of any length into whole units. The first failure sticks. */
typedef struct {
    const radon_log_t *log;
    uint32_t address;
    uint32_t used;
    radon_err_t result;
    uint8_t buffer[64];
} writer_t;

static void writer_program(writer_t *writer, const void *data, uint32_t size)
{
    if (writer->result == RADON_OK && size > 0) {
        writer->result = radon_log_program(writer->log, writer->address, data, size);
    }
    writer->address += size;
}

static void writer_put(writer_t *writer, const uint8_t *data, uint32_t size)
{
    while (size > 0) {
        if (writer->used == 0 && size >= sizeof(writer->buffer)) {
            const uint32_t whole = size & ~(RADON_FLASH_UNIT - 1);
            writer_program(writer, data, whole);
            data += whole;
            size -= whole;
            continue;
        }
        const uint32_t room = (uint32_t)sizeof(writer->buffer) - writer->used;
        const uint32_t piece = size < room ? size : room;
        memcpy(writer->buffer + writer->used, data, piece);
        writer->used += piece;
        data += piece;
        size -= piece;
        if (writer->used == sizeof(writer->buffer)) {
            writer_program(writer, writer->buffer, writer->used);
            writer->used = 0;
        }
    }
}

static radon_err_t writer_finish(writer_t *writer)
{
    while (writer->used % RADON_FLASH_UNIT != 0) {
        writer->buffer[writer->used++] = RADON_FLASH_ERASED;
    }
    writer_program(writer, writer->buffer, writer->used);
    return writer->result;
}

radon_err_t radon_log_append(radon_log_t *log, uint8_t kind, uint32_t size, const radon_bytes_t *parts,
                             uint32_t count, uint32_t *address)
{
    if (RADON_LOG_RECORD_BYTES(size) > radon_log_free(log)) {
        return RADON_E_FULL;
    }
    uint32_t header[2] = {(uint32_t)kind << KIND_SHIFT | size, 0};
    uint32_t state = radon_crc32_update(RADON_CRC32_START, header, sizeof(header[0]));
    for (uint32_t i = 0; i < count; i++) {
        state = radon_crc32_update(state, parts[i].data, parts[i].len);
    }
    header[1] = record_crc(state);

    const uint32_t start = log->end;
    writer_t writer = {.log = log, .address = address_of(log, start)};
    writer_put(&writer, (const uint8_t *)header, sizeof(header));
    for (uint32_t i = 0; i < count; i++) {
        writer_put(&writer, parts[i].data, (uint32_t)parts[i].len);
    }
    const radon_err_t result = writer_finish(&writer);
    log->end = result == RADON_OK ? start + RADON_LOG_RECORD_BYTES(size) : find_end(log, start);
    if (address != NULL) {
        *address = address_of(log, start) + RADON_LOG_RECORD_HEADER;
    }
    return result;
}

/* ---- Opening and changing sectors ---- */

radon_err_t radon_log_erase_spare(radon_log_t *log)
{
    if (log->spare_erased) {
        return RADON_OK;
    }
    const radon_err_t result = sector_erase(log, log->active ^ 1U);
    log->spare_erased = result == RADON_OK;
    return result;
}

radon_err_t radon_log_begin(radon_log_t *log, radon_log_t *next)
{
    if (!log->spare_erased) {
        return RADON_E_BUSY;
    }
    log->spare_erased = false;
    *next = *log;
    next->active ^= 1U;
    next->generation = log->generation + 1;
    next->end = RADON_LOG_SECTOR_HEADER;
    return RADON_OK;
}

radon_err_t radon_log_commit(radon_log_t *log, radon_log_t *next)
{
    sector_header_t header = {.magic = next->magic, .generation = next->generation};
    header.crc = header_crc(&header);
    (void)radon_log_program(next, address_of(next, 4), &header.magic, sizeof(header) - 4);
    /* What a restart would see decides, whatever the write reported. */
    if (sector_generation(next, next->active) != next->generation) {
        return RADON_E_IO;
    }
    *log = *next;
    return RADON_OK;
}

/** Makes sector 0 the first valid one. */
static radon_err_t format(radon_log_t *log)
{
    log->active = 1;
    log->generation = 0;
    log->spare_erased = sector_erased(log, 0);
    radon_err_t result = radon_log_erase_spare(log);
    radon_log_t first;
    if (result == RADON_OK) {
        result = radon_log_begin(log, &first);
    }
    return result == RADON_OK ? radon_log_commit(log, &first) : result;
}

radon_err_t radon_log_open(radon_log_t *log, const radon_flash_t *flash, const uint32_t sectors[2],
                           uint32_t magic)
{
    *log = (radon_log_t){.flash = flash, .sectors = {sectors[0], sectors[1]}, .magic = magic};
    const uint32_t generations[2] = {sector_generation(log, 0), sector_generation(log, 1)};
    if (generations[0] == 0 && generations[1] == 0) {
        const radon_err_t result = format(log);
        if (result != RADON_OK) {
            return result;
        }
    } else {
        log->active = generations[1] > generations[0] ? 1 : 0;
        log->generation = generations[log->active];
    }
    log->end = find_end(log, RADON_LOG_SECTOR_HEADER);
    log->spare_erased = sector_erased(log, log->active ^ 1U);
    return RADON_OK;
}

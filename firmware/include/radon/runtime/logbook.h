/**
 * The lines of /log: the newest ones, oldest first. Any level may write; readers are on the network level.
 */
#ifndef RADON_RUNTIME_LOGBOOK_H
#define RADON_RUNTIME_LOGBOOK_H

#include "radon/abi.generated.h"
#include "radon/base/bytes.h"

/** Room for records; about 30 lines. */
#define RADON_LOGBOOK_BYTES 2048U

typedef struct {
    uint32_t time_ms; /**< since start */
    uint32_t number;  /**< grows by one with every line, from 1 */
    uint8_t level;    /**< radon_log_level_t */
    uint8_t source_length;
    uint8_t line_length;
    uint8_t unused;
} radon_logbook_record_t; /**< followed by source and line, padded to 4 bytes */

typedef struct {
    uint32_t used;
    uint32_t number; /**< of the newest line */
    _Alignas(4) uint8_t bytes[RADON_LOGBOOK_BYTES];
} radon_logbook_t;

void radon_logbook_init(radon_logbook_t *logbook);

/**
 * Adds a line of `source` (an atom's name or "node", at most RADON_MAX_NAME_BYTES). `line` is cut to
 * RADON_MAX_LOG_LINE_BYTES at a character boundary; control characters become '.', bytes that are not UTF-8
 * '?'. The oldest lines make room.
 */
void radon_logbook_write(radon_logbook_t *logbook, uint64_t now_us, radon_log_level_t level,
                         radon_bytes_t source, radon_bytes_t line);

/** The line after `record` (NULL: the first); NULL at the end. */
const radon_logbook_record_t *radon_logbook_next(const radon_logbook_t *logbook,
                                                 const radon_logbook_record_t *record);

radon_bytes_t radon_logbook_source(const radon_logbook_record_t *record);
radon_bytes_t radon_logbook_line(const radon_logbook_record_t *record);

/** "DEBUG", "INFO", "WARN" or "ERROR". */
const char *radon_logbook_level_name(radon_log_level_t level);

#endif

#include "radon/runtime/logbook.h"

#include "radon/port.h"

/** Removed at once when the book is full, so that moving the rest is rare. */
#define EVICT_BYTES (RADON_LOGBOOK_BYTES / 4U)

void radon_logbook_init(radon_logbook_t *logbook)
{
    logbook->used = 0;
    logbook->number = 0;
}

static uint32_t record_size(const radon_logbook_record_t *record)
{
    uint32_t text = (uint32_t)record->source_length + record->line_length;
    return (uint32_t)sizeof *record + ((text + 3U) & ~3U);
}

const radon_logbook_record_t *radon_logbook_next(const radon_logbook_t *logbook,
                                                 const radon_logbook_record_t *record)
{
    const uint8_t *at = logbook->bytes;
    if (record != NULL) {
        at = (const uint8_t *)record + record_size(record);
    }
    return at < logbook->bytes + logbook->used ? (const void *)at : NULL;
}

radon_bytes_t radon_logbook_source(const radon_logbook_record_t *record)
{
    return radon_bytes(record + 1, record->source_length);
}

radon_bytes_t radon_logbook_line(const radon_logbook_record_t *record)
{
    return radon_bytes((const uint8_t *)(record + 1) + record->source_length, record->line_length);
}

const char *radon_logbook_level_name(radon_log_level_t level)
{
    static const char *const names[] = {"DEBUG", "INFO", "WARN", "ERROR"};
    return names[level];
}

/** C0 controls, DEL and C1 controls (U+0080 to U+009F). */
static bool is_control(const uint8_t *character, size_t length)
{
    if (length == 1) {
        return character[0] < 0x20 || character[0] == 0x7f;
    }
    return length == 2 && character[0] == 0xc2 && character[1] < 0xa0;
}

/** Copies `line` as radon_logbook_write() says; returns the bytes written, never more than were read. */
static size_t copy_line(uint8_t *out, radon_bytes_t line)
{
    size_t written = 0;
    size_t at = 0;
    while (at < line.len) {
        const uint8_t *character = line.data + at;
        size_t length = radon_bytes_utf8_length(radon_bytes(character, line.len - at));
        size_t step = length == 0 ? 1 : length;
        if (at + step > RADON_MAX_LOG_LINE_BYTES) {
            break;
        }
        if (length == 0) {
            out[written++] = '?';
        } else if (is_control(character, length)) {
            out[written++] = '.';
        } else {
            memcpy(out + written, character, length);
            written += length;
        }
        at += step;
    }
    return written;
}

/** Drops the oldest lines until at least `wanted` bytes are free. */
static void make_room(radon_logbook_t *logbook, uint32_t wanted)
{
    if (RADON_LOGBOOK_BYTES - logbook->used >= wanted) {
        return;
    }
    uint32_t gone = 0;
    while (gone < EVICT_BYTES || RADON_LOGBOOK_BYTES - logbook->used + gone < wanted) {
        gone += record_size((const void *)(logbook->bytes + gone));
    }
    logbook->used -= gone;
    memmove(logbook->bytes, logbook->bytes + gone, logbook->used);
}

void radon_logbook_write(radon_logbook_t *logbook, uint64_t now_us, radon_log_level_t level,
                         radon_bytes_t source, radon_bytes_t line)
{
    uint8_t text[RADON_MAX_LOG_LINE_BYTES];
    size_t length = copy_line(text, line);
    radon_logbook_record_t record = {.time_ms = (uint32_t)(now_us / 1000U),
                                     .level = (uint8_t)level,
                                     .source_length = (uint8_t)source.len,
                                     .line_length = (uint8_t)length};
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    make_room(logbook, record_size(&record));
    record.number = ++logbook->number;
    uint8_t *at = logbook->bytes + logbook->used;
    memcpy(at, &record, sizeof record);
    if (source.len > 0) {
        memcpy(at + sizeof record, source.data, source.len);
    }
    memcpy(at + sizeof record + source.len, text, length);
    logbook->used += record_size(&record);
    radon_port_ceiling_restore(ceiling);
}

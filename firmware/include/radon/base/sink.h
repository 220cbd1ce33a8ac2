/**
 * Where documents are written: stores the window [from, from + cap) of everything written, counts all of it
 * and keeps its CRC-32. So one block of a long representation needs one block of memory, and its ETag covers
 * the whole. `from` 0 makes it a plain bounded buffer.
 */
#ifndef RADON_BASE_SINK_H
#define RADON_BASE_SINK_H

#include "radon/base/bytes.h"

typedef struct {
    uint8_t *buffer; /**< kept until the last write */
    size_t cap;
    size_t from;
    size_t total; /**< bytes written so far, stored or not */
    uint32_t crc_state;
} radon_sink_t;

/** Stores what falls into [from, from + cap). */
void radon_sink_init(radon_sink_t *sink, uint8_t *buffer, size_t cap, size_t from);

void radon_sink_write(radon_sink_t *sink, const void *data, size_t len);
void radon_sink_put(radon_sink_t *sink, uint8_t byte);
void radon_sink_text(radon_sink_t *sink, const char *text);

/** Decimal digits. */
void radon_sink_u64(radon_sink_t *sink, uint64_t value);
void radon_sink_i64(radon_sink_t *sink, int64_t value);

/**
 * The shortest of: an integer, a decimal fraction of at most 9 digits, an exponent form with 9 significant
 * decimals. "null" for a value that is not finite (JSON has none).
 */
void radon_sink_double(radon_sink_t *sink, double value);

/** Lower-case hexadecimal. */
void radon_sink_hex(radon_sink_t *sink, radon_bytes_t bytes);

/** Takes over what another sink that was started at the same `from` has written; no more is stored. */
void radon_sink_adopt(radon_sink_t *sink, const radon_sink_t *written);

/** CRC-32 of everything written. */
uint32_t radon_sink_crc32(const radon_sink_t *sink);

/** The stored part of the window. */
radon_bytes_t radon_sink_window(const radon_sink_t *sink);

/** Whether everything written from `from` on is stored. */
bool radon_sink_fits(const radon_sink_t *sink);

#endif

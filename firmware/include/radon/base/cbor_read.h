/**
 * Strict pull reader of deterministic CBOR. Refused: integers, lengths and floats that are not shortest,
 * indefinite lengths, map keys that are unsorted or repeated or not integers or text, text that is not UTF-8,
 * simple values but false, true and null, more than RADON_CBOR_DEPTH levels, bytes after the item.
 *
 * The first error sticks: later calls return false or zeroes, so a caller reads on and asks
 * radon_cbor_read_end.
 */
#ifndef RADON_BASE_CBOR_READ_H
#define RADON_BASE_CBOR_READ_H

#include "radon/abi.generated.h"
#include "radon/base/bytes.h"
#include "radon/config.h"

typedef enum {
    RADON_CBOR_NONE, /**< at the end of the container or the input, or after an error */
    RADON_CBOR_UINT,
    RADON_CBOR_NEGATIVE,
    RADON_CBOR_BYTES,
    RADON_CBOR_TEXT,
    RADON_CBOR_ARRAY,
    RADON_CBOR_MAP,
    RADON_CBOR_TAG,
    RADON_CBOR_BOOL,
    RADON_CBOR_NULL,
    RADON_CBOR_FLOAT,
} radon_cbor_type_t;

/** An open map or array, or the top level. */
typedef struct {
    uint32_t left; /**< items still to read; a map counts keys and values */
    bool map;
    radon_bytes_t last_key; /**< encoded form of the key before */
} radon_cbor_level_t;

typedef struct {
    radon_bytes_t input; /**< kept */
    size_t at;
    bool failed;
    uint8_t depth;
    bool tagged; /**< a tag was read, its item not yet */
    radon_cbor_level_t levels[RADON_CBOR_DEPTH + 1];
} radon_cbor_reader_t;

/** Starts at a single item. */
void radon_cbor_reader_init(radon_cbor_reader_t *reader, radon_bytes_t input);

/** Type of the next item of the open container. */
radon_cbor_type_t radon_cbor_peek(const radon_cbor_reader_t *reader);

bool radon_cbor_read_uint(radon_cbor_reader_t *reader, uint64_t *value);
/** As read_uint, but a value above `max` is an error. */
bool radon_cbor_read_u32(radon_cbor_reader_t *reader, uint32_t *value, uint32_t max);
bool radon_cbor_read_int(radon_cbor_reader_t *reader, int64_t *value);
bool radon_cbor_read_bytes(radon_cbor_reader_t *reader, radon_bytes_t *value);
bool radon_cbor_read_text(radon_cbor_reader_t *reader, radon_bytes_t *value);
bool radon_cbor_read_bool(radon_cbor_reader_t *reader, bool *value);
bool radon_cbor_read_null(radon_cbor_reader_t *reader);
/** Integers and floats. */
bool radon_cbor_read_number(radon_cbor_reader_t *reader, double *value);
/** The tagged item follows. */
bool radon_cbor_read_tag(radon_cbor_reader_t *reader, uint64_t *tag);

/** Enters an array of `count` items or a map of `count` pairs; leave it after the last one. */
bool radon_cbor_enter_array(radon_cbor_reader_t *reader, uint32_t *count);
bool radon_cbor_enter_map(radon_cbor_reader_t *reader, uint32_t *count);
/** Leaves the innermost container; unread items in it are an error. */
bool radon_cbor_leave(radon_cbor_reader_t *reader);

/** Whether the open container has another item. */
bool radon_cbor_has_next(const radon_cbor_reader_t *reader);

/** Checks and skips the next item with all it contains; `encoded` (may be NULL) gets its bytes. */
bool radon_cbor_skip(radon_cbor_reader_t *reader, radon_bytes_t *encoded);

/** Makes the reader fail (a value that the caller refuses). */
void radon_cbor_fail(radon_cbor_reader_t *reader);

/** RADON_OK when everything was well-formed, every container left and no byte remains; else RADON_E_ARG. */
radon_err_t radon_cbor_read_end(const radon_cbor_reader_t *reader);

#endif

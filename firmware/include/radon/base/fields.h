/**
 * Strict reading of documents with integer field keys (docs/fields.json). The first thing that breaks a rule
 * is kept as a sentence with the path of its field, such as "configuration.limits.memory is
 * outside 64..65536".
 */
#ifndef RADON_BASE_FIELDS_H
#define RADON_BASE_FIELDS_H

#include "radon/base/cbor_read.h"
#include "radon/base/field.h"

/** Longest path: "configuration.resources[7].observable" and a little more. */
#define RADON_FIELDS_PATH_BYTES 48U

typedef struct {
    radon_cbor_reader_t cbor;
    const char *document; /**< its name, for what concerns the whole of it */
    char *detail;         /**< kept; gets the sentence */
    size_t detail_size;
    size_t path_length;
    char path[RADON_FIELDS_PATH_BYTES];
} radon_fields_t;

/** A member that a map may have. */
typedef struct {
    radon_field_t key;
    bool required;
} radon_fields_member_t;

/** An open map. */
typedef struct {
    const radon_fields_member_t *members;
    size_t count;
    uint32_t seen;      /**< bit i: members[i] was there */
    radon_field_t key;  /**< of the value that comes next */
    size_t path_length; /**< of the map itself */
} radon_fields_map_t;

/** An open array. */
typedef struct {
    uint32_t count;
    uint32_t index; /**< of the item after the next */
    size_t path_length;
    size_t start; /**< in the input */
} radon_fields_list_t;

void radon_fields_init(radon_fields_t *fields, const char *document, radon_bytes_t encoded, char *detail,
                       size_t detail_size);

/** True when the whole input was read without objection. */
bool radon_fields_end(radon_fields_t *fields);

/** Keeps "<path> <reason>" unless something was refused before; always false. */
bool radon_fields_refuse(radon_fields_t *fields, const char *reason);

/** Opens a map; then each true of next is followed by reading the value of `map->key`; close checks what is
 * missing. */
void radon_fields_map_open(radon_fields_t *fields, radon_fields_map_t *map,
                           const radon_fields_member_t *members, size_t count);
bool radon_fields_map_next(radon_fields_t *fields, radon_fields_map_t *map);
bool radon_fields_map_close(radon_fields_t *fields, radon_fields_map_t *map);

/** The same for an array of min..max items. `encoded` (may be NULL) gets all of it. */
void radon_fields_list_open(radon_fields_t *fields, radon_fields_list_t *list, uint32_t min, uint32_t max);
bool radon_fields_list_next(radon_fields_t *fields, radon_fields_list_t *list);
bool radon_fields_list_close(radon_fields_t *fields, radon_fields_list_t *list, radon_bytes_t *encoded);

bool radon_fields_uint(radon_fields_t *fields, uint32_t min, uint32_t max, uint32_t *value);
/** Milliseconds: 0..2^53 - 1. */
bool radon_fields_ms(radon_fields_t *fields, uint64_t *value);
bool radon_fields_int(radon_fields_t *fields, int32_t min, int32_t max, int32_t *value);
bool radon_fields_text(radon_fields_t *fields, size_t max_bytes, radon_bytes_t *value);
/** [a-z][a-z0-9-]{0,31} */
bool radon_fields_name(radon_fields_t *fields, radon_bytes_t *value);
/** A pattern (base/pattern.h). */
bool radon_fields_pattern(radon_fields_t *fields, radon_bytes_t *value);
bool radon_fields_bytes(radon_fields_t *fields, size_t length, const uint8_t **value);
/** A byte string of min..max bytes. */
bool radon_fields_string(radon_fields_t *fields, size_t min, size_t max, radon_bytes_t *value);
bool radon_fields_bool(radon_fields_t *fields, bool *value);
/** One of `count` texts; `*index` says which. */
bool radon_fields_choice(radon_fields_t *fields, const char *const *texts, size_t count, size_t *index);

bool radon_fields_is_name(radon_bytes_t text);

#endif

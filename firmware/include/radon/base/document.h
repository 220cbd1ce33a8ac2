/**
 * One description of a document, three formats: deterministic CBOR with integer keys, JSON with names, and
 * text for people (the same JSON, indented by two spaces, one member or element a line). Members of a map are
 * written in ascending order of their CBOR keys as encoded (fields: ascending numbers), their count said
 * first.
 *
 *     radon_document_map(&doc, 2);
 *     radon_document_field_text(&doc, RADON_FIELD_NAME, name);
 *     radon_document_field(&doc, RADON_FIELD_RAM);
 *     radon_document_map(&doc, 1);
 *     radon_document_field_uint(&doc, RADON_FIELD_USED, used);
 *     radon_document_end(&doc);
 *     radon_document_end(&doc);
 *
 * A wrong count or order is a mistake of the caller: it sticks and radon_document_finish reports it.
 */
#ifndef RADON_BASE_DOCUMENT_H
#define RADON_BASE_DOCUMENT_H

#include "radon/abi.generated.h"
#include "radon/base/sink.h"
#include "radon/config.h"
#include "radon/fields.generated.h"

typedef enum { RADON_DOCUMENT_CBOR, RADON_DOCUMENT_JSON, RADON_DOCUMENT_TEXT } radon_document_format_t;

typedef struct {
    uint16_t left; /**< values still to write */
    bool map;
    bool empty;         /**< nothing written yet */
    uint32_t next_rank; /**< least place in the order of keys that the next key may have */
} radon_document_level_t;

typedef struct {
    radon_sink_t *sink; /**< kept */
    radon_document_format_t format;
    bool failed;
    bool after_key;
    uint8_t depth;
    radon_document_level_t levels[RADON_CBOR_DEPTH + 1];
} radon_document_t;

/** One document of `format` into `sink`. */
void radon_document_init(radon_document_t *doc, radon_document_format_t format, radon_sink_t *sink);

/** RADON_OK when exactly one complete value was written, else RADON_E_STATE. */
radon_err_t radon_document_finish(const radon_document_t *doc);

void radon_document_map(radon_document_t *doc, size_t members);
void radon_document_array(radon_document_t *doc, size_t elements);
/** Closes the innermost map or array. */
void radon_document_end(radon_document_t *doc);

/** Key of the next member. */
void radon_document_field(radon_document_t *doc, radon_field_t field);
/** A key of another vocabulary (SenML, problem details): integer in CBOR, `name` elsewhere. */
void radon_document_label(radon_document_t *doc, int32_t key, const char *name);

void radon_document_uint(radon_document_t *doc, uint64_t value);
void radon_document_int(radon_document_t *doc, int64_t value);
void radon_document_number(radon_document_t *doc, double value);
void radon_document_bool(radon_document_t *doc, bool value);
void radon_document_null(radon_document_t *doc);
/** UTF-8; malformed bytes become U+FFFD. */
void radon_document_text(radon_document_t *doc, radon_bytes_t text);
/** A byte string in CBOR, lower-case hexadecimal text elsewhere. */
void radon_document_bytes(radon_document_t *doc, radon_bytes_t bytes);

/* A key and its value in one call. */
void radon_document_field_uint(radon_document_t *doc, radon_field_t field, uint64_t value);
void radon_document_field_int(radon_document_t *doc, radon_field_t field, int64_t value);
void radon_document_field_number(radon_document_t *doc, radon_field_t field, double value);
void radon_document_field_bool(radon_document_t *doc, radon_field_t field, bool value);
void radon_document_field_text(radon_document_t *doc, radon_field_t field, radon_bytes_t text);
void radon_document_field_bytes(radon_document_t *doc, radon_field_t field, radon_bytes_t bytes);

#endif

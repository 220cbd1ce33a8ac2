#include "radon/base/document.h"

#include "radon/base/cbor_write.h"
#include "radon/base/field.h"

static radon_document_level_t *top(radon_document_t *doc)
{
    return &doc->levels[doc->depth];
}

/* JSON and text --------------------------------------------------------------------------------------------
 */

static void put_line_start(radon_document_t *doc, unsigned depth)
{
    if (doc->format != RADON_DOCUMENT_TEXT) {
        return;
    }
    radon_sink_put(doc->sink, '\n');
    for (unsigned i = 0; i < depth; i++) {
        radon_sink_text(doc->sink, "  ");
    }
}

static void put_separator(radon_document_t *doc)
{
    if (!top(doc)->empty) {
        radon_sink_put(doc->sink, ',');
    }
    put_line_start(doc, doc->depth);
}

/** The next piece of a text: one well-formed character, or U+FFFD for a malformed byte. */
static radon_bytes_t next_character(radon_bytes_t *text)
{
    size_t len = radon_bytes_utf8_length(*text);
    radon_bytes_t piece = len > 0 ? radon_bytes(text->data, len) : radon_bytes("\xef\xbf\xbd", 3);
    size_t step = len > 0 ? len : 1;
    *text = radon_bytes(text->data + step, text->len - step);
    return piece;
}

/** Inside quotes (RFC 8259 section 7). */
static void put_json_character(radon_sink_t *sink, radon_bytes_t piece)
{
    uint8_t c = piece.data[0];
    if (c == '"' || c == '\\') {
        radon_sink_put(sink, '\\');
    } else if (c == '\n') {
        radon_sink_text(sink, "\\n");
        return;
    } else if (c < 0x20) {
        radon_sink_text(sink, "\\u00");
        radon_sink_hex(sink, radon_bytes(&c, 1));
        return;
    }
    radon_sink_write(sink, piece.data, piece.len);
}

static void put_json_text(radon_sink_t *sink, radon_bytes_t text)
{
    radon_sink_put(sink, '"');
    while (text.len > 0) {
        put_json_character(sink, next_character(&text));
    }
    radon_sink_put(sink, '"');
}

static void put_json_key(radon_document_t *doc, const char *name)
{
    put_separator(doc);
    put_json_text(doc->sink, radon_bytes_text(name));
    radon_sink_text(doc->sink, doc->format == RADON_DOCUMENT_TEXT ? ": " : ":");
}

/* CBOR -----------------------------------------------------------------------------------------------------
 */

static void put_cbor_text(radon_sink_t *sink, radon_bytes_t text)
{
    size_t len = 0;
    for (radon_bytes_t rest = text; rest.len > 0;) {
        len += next_character(&rest).len;
    }
    radon_cbor_write_text_head(sink, len);
    while (text.len > 0) {
        radon_bytes_t piece = next_character(&text);
        radon_sink_write(sink, piece.data, piece.len);
    }
}

/** Place of a key in deterministic order: 0, 1, 2 ... before -1, -2 ... (RFC 8949 4.2.1). */
static uint32_t rank_of(int32_t key)
{
    return key >= 0 ? (uint32_t)key : UINT32_C(0x80000000) + (uint32_t)~key;
}

/* Structure ------------------------------------------------------------------------------------------------
 */

static bool is_cbor(const radon_document_t *doc)
{
    return doc->format == RADON_DOCUMENT_CBOR;
}

void radon_document_init(radon_document_t *doc, radon_document_format_t format, radon_sink_t *sink)
{
    *doc = (radon_document_t){.sink = sink, .format = format};
    doc->levels[0] = (radon_document_level_t){.left = 1, .empty = true};
}

radon_err_t radon_document_finish(const radon_document_t *doc)
{
    bool whole = !doc->failed && doc->depth == 0 && doc->levels[0].left == 0;
    return whole ? RADON_OK : RADON_E_STATE;
}

static void put_key(radon_document_t *doc, int32_t key, const char *name)
{
    radon_document_level_t *level = top(doc);
    uint32_t rank = rank_of(key);
    if (doc->failed || !level->map || doc->after_key || level->left == 0 || rank < level->next_rank) {
        doc->failed = true;
        return;
    }
    if (is_cbor(doc)) {
        radon_cbor_write_int(doc->sink, key);
    } else {
        put_json_key(doc, name);
    }
    level->left--;
    level->empty = false;
    level->next_rank = rank + 1;
    doc->after_key = true;
}

void radon_document_field(radon_document_t *doc, radon_field_t field)
{
    put_key(doc, (int32_t)field, radon_field_name(field));
}

void radon_document_label(radon_document_t *doc, int32_t key, const char *name)
{
    put_key(doc, key, name);
}

/** Accounts for a value about to be written; false when there is no place for one. */
static bool start_value(radon_document_t *doc)
{
    radon_document_level_t *level = top(doc);
    if (doc->failed || (level->map ? !doc->after_key : level->left == 0)) {
        doc->failed = true;
        return false;
    }
    if (!level->map) {
        if (!is_cbor(doc) && doc->depth > 0) {
            put_separator(doc);
        }
        level->left--;
        level->empty = false;
    }
    doc->after_key = false;
    return true;
}

static void open_level(radon_document_t *doc, bool map, size_t count)
{
    if (!start_value(doc) || doc->depth == RADON_CBOR_DEPTH || count > UINT16_MAX) {
        doc->failed = true;
        return;
    }
    doc->levels[++doc->depth] = (radon_document_level_t){.left = (uint16_t)count, .map = map, .empty = true};
    if (!is_cbor(doc)) {
        radon_sink_put(doc->sink, map ? '{' : '[');
    } else if (map) {
        radon_cbor_write_map(doc->sink, count);
    } else {
        radon_cbor_write_array(doc->sink, count);
    }
}

void radon_document_map(radon_document_t *doc, size_t members)
{
    open_level(doc, true, members);
}

void radon_document_array(radon_document_t *doc, size_t elements)
{
    open_level(doc, false, elements);
}

void radon_document_end(radon_document_t *doc)
{
    const radon_document_level_t *level = top(doc);
    if (doc->failed || doc->depth == 0 || level->left > 0 || doc->after_key) {
        doc->failed = true;
        return;
    }
    if (!is_cbor(doc)) {
        if (!level->empty) {
            put_line_start(doc, doc->depth - 1u);
        }
        radon_sink_put(doc->sink, level->map ? '}' : ']');
    }
    doc->depth--;
}

/* Values ---------------------------------------------------------------------------------------------------
 */

void radon_document_uint(radon_document_t *doc, uint64_t value)
{
    if (!start_value(doc)) {
        return;
    }
    if (is_cbor(doc)) {
        radon_cbor_write_uint(doc->sink, value);
    } else {
        radon_sink_u64(doc->sink, value);
    }
}

void radon_document_int(radon_document_t *doc, int64_t value)
{
    if (!start_value(doc)) {
        return;
    }
    if (is_cbor(doc)) {
        radon_cbor_write_int(doc->sink, value);
    } else {
        radon_sink_i64(doc->sink, value);
    }
}

void radon_document_number(radon_document_t *doc, double value)
{
    if (!start_value(doc)) {
        return;
    }
    if (is_cbor(doc)) {
        radon_cbor_write_number(doc->sink, value);
    } else {
        radon_sink_double(doc->sink, value);
    }
}

void radon_document_bool(radon_document_t *doc, bool value)
{
    if (!start_value(doc)) {
        return;
    }
    if (is_cbor(doc)) {
        radon_cbor_write_bool(doc->sink, value);
    } else {
        radon_sink_text(doc->sink, value ? "true" : "false");
    }
}

void radon_document_null(radon_document_t *doc)
{
    if (!start_value(doc)) {
        return;
    }
    if (is_cbor(doc)) {
        radon_cbor_write_null(doc->sink);
    } else {
        radon_sink_text(doc->sink, "null");
    }
}

void radon_document_text(radon_document_t *doc, radon_bytes_t text)
{
    if (!start_value(doc)) {
        return;
    }
    if (is_cbor(doc)) {
        put_cbor_text(doc->sink, text);
    } else {
        put_json_text(doc->sink, text);
    }
}

void radon_document_bytes(radon_document_t *doc, radon_bytes_t bytes)
{
    if (!start_value(doc)) {
        return;
    }
    if (is_cbor(doc)) {
        radon_cbor_write_bytes(doc->sink, bytes);
        return;
    }
    radon_sink_put(doc->sink, '"');
    radon_sink_hex(doc->sink, bytes);
    radon_sink_put(doc->sink, '"');
}

void radon_document_field_uint(radon_document_t *doc, radon_field_t field, uint64_t value)
{
    radon_document_field(doc, field);
    radon_document_uint(doc, value);
}

void radon_document_field_int(radon_document_t *doc, radon_field_t field, int64_t value)
{
    radon_document_field(doc, field);
    radon_document_int(doc, value);
}

void radon_document_field_number(radon_document_t *doc, radon_field_t field, double value)
{
    radon_document_field(doc, field);
    radon_document_number(doc, value);
}

void radon_document_field_bool(radon_document_t *doc, radon_field_t field, bool value)
{
    radon_document_field(doc, field);
    radon_document_bool(doc, value);
}

void radon_document_field_text(radon_document_t *doc, radon_field_t field, radon_bytes_t text)
{
    radon_document_field(doc, field);
    radon_document_text(doc, text);
}

void radon_document_field_bytes(radon_document_t *doc, radon_field_t field, radon_bytes_t bytes)
{
    radon_document_field(doc, field);
    radon_document_bytes(doc, bytes);
}

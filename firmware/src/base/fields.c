#include "radon/base/fields.h"

#include "radon/base/pattern.h"
#include "radon/base/sink.h"

void radon_fields_init(radon_fields_t *fields, const char *document, radon_bytes_t encoded, char *detail,
                       size_t detail_size)
{
    *fields = (radon_fields_t){.document = document, .detail = detail, .detail_size = detail_size};
    radon_cbor_reader_init(&fields->cbor, encoded);
    detail[0] = 0;
}

/* ---- What is wrong ---- */

/** Starts the sentence with the path; false when there is one already. */
static bool begin_detail(radon_fields_t *fields, radon_sink_t *sink)
{
    radon_cbor_fail(&fields->cbor);
    if (fields->detail[0] != 0) {
        return false;
    }
    radon_sink_init(sink, (uint8_t *)fields->detail, fields->detail_size - 1, 0);
    if (fields->path_length == 0) {
        radon_sink_text(sink, fields->document);
    } else {
        radon_sink_write(sink, fields->path, fields->path_length);
    }
    radon_sink_put(sink, ' ');
    return true;
}

static void end_detail(radon_fields_t *fields, const radon_sink_t *sink)
{
    fields->detail[radon_sink_window(sink).len] = 0;
}

bool radon_fields_refuse(radon_fields_t *fields, const char *reason)
{
    radon_sink_t sink;
    if (begin_detail(fields, &sink)) {
        radon_sink_text(&sink, reason);
        end_detail(fields, &sink);
    }
    return false;
}

/** "<path> <before><min>..<max>" */
static bool refuse_range(radon_fields_t *fields, const char *before, uint32_t min, uint32_t max)
{
    radon_sink_t sink;
    if (begin_detail(fields, &sink)) {
        radon_sink_text(&sink, before);
        radon_sink_u64(&sink, min);
        radon_sink_text(&sink, "..");
        radon_sink_u64(&sink, max);
        end_detail(fields, &sink);
    }
    return false;
}

/** "<path> <before><number><after>" */
static bool refuse_number(radon_fields_t *fields, const char *before, size_t number, const char *after)
{
    radon_sink_t sink;
    if (begin_detail(fields, &sink)) {
        radon_sink_text(&sink, before);
        radon_sink_u64(&sink, number);
        radon_sink_text(&sink, after);
        end_detail(fields, &sink);
    }
    return false;
}

bool radon_fields_end(radon_fields_t *fields)
{
    fields->path_length = 0;
    return radon_cbor_read_end(&fields->cbor) == RADON_OK ||
           radon_fields_refuse(fields, "is not one deterministic CBOR item");
}

/* ---- Paths ---- */

/** Appends to the path of a container; what does not fit is cut. */
static void path_set(radon_fields_t *fields, size_t length, const char *before, const char *name,
                     uint32_t number, const char *after)
{
    radon_sink_t sink;
    radon_sink_init(&sink, (uint8_t *)fields->path + length, sizeof(fields->path) - length, 0);
    radon_sink_text(&sink, before);
    if (name == NULL) {
        radon_sink_u64(&sink, number);
    } else {
        radon_sink_text(&sink, name);
    }
    radon_sink_text(&sink, after);
    fields->path_length = length + radon_sink_window(&sink).len;
}

static void path_member(radon_fields_t *fields, size_t length, uint32_t key)
{
    path_set(fields, length, length == 0 ? "" : ".", radon_field_name((radon_field_t)key), key, "");
}

/* ---- Maps ---- */

void radon_fields_map_open(radon_fields_t *fields, radon_fields_map_t *map,
                           const radon_fields_member_t *members, size_t count)
{
    uint32_t pairs;
    *map = (radon_fields_map_t){.members = members, .count = count, .path_length = fields->path_length};
    if (radon_cbor_peek(&fields->cbor) != RADON_CBOR_MAP || !radon_cbor_enter_map(&fields->cbor, &pairs)) {
        (void)radon_fields_refuse(fields, "is not a map");
    }
}

/** Marks the member as seen; false for a key that the map does not have. */
static bool map_see(radon_fields_map_t *map, uint32_t key)
{
    for (size_t i = 0; i < map->count; i++) {
        if ((uint32_t)map->members[i].key == key) {
            map->seen |= UINT32_C(1) << i;
            map->key = map->members[i].key;
            return true;
        }
    }
    return false;
}

bool radon_fields_map_next(radon_fields_t *fields, radon_fields_map_t *map)
{
    uint32_t key;
    if (!radon_cbor_has_next(&fields->cbor)) {
        return false;
    }
    fields->path_length = map->path_length;
    if (radon_cbor_peek(&fields->cbor) != RADON_CBOR_UINT) {
        return radon_fields_refuse(fields, "has a key that is not an integer");
    }
    if (!radon_cbor_read_u32(&fields->cbor, &key, UINT32_MAX)) {
        return radon_fields_refuse(fields, "has keys that are not unique and ascending");
    }
    path_member(fields, map->path_length, key);
    return map_see(map, key) || radon_fields_refuse(fields, "is not known");
}

bool radon_fields_map_close(radon_fields_t *fields, radon_fields_map_t *map)
{
    for (size_t i = 0; !fields->cbor.failed && i < map->count; i++) {
        if (map->members[i].required && (map->seen & UINT32_C(1) << i) == 0) {
            path_member(fields, map->path_length, map->members[i].key);
            return radon_fields_refuse(fields, "is missing");
        }
    }
    if (!radon_cbor_leave(&fields->cbor)) {
        return false;
    }
    fields->path_length = map->path_length;
    return true;
}

/* ---- Arrays ---- */

void radon_fields_list_open(radon_fields_t *fields, radon_fields_list_t *list, uint32_t min, uint32_t max)
{
    *list = (radon_fields_list_t){.path_length = fields->path_length, .start = fields->cbor.at};
    if (radon_cbor_peek(&fields->cbor) != RADON_CBOR_ARRAY ||
        !radon_cbor_enter_array(&fields->cbor, &list->count)) {
        (void)radon_fields_refuse(fields, "is not an array");
    } else if (list->count < min || list->count > max) {
        (void)refuse_range(fields, "has another number of members than ", min, max);
    }
}

bool radon_fields_list_next(radon_fields_t *fields, radon_fields_list_t *list)
{
    if (!radon_cbor_has_next(&fields->cbor)) {
        return false;
    }
    path_set(fields, list->path_length, "[", NULL, list->index++, "]");
    return true;
}

bool radon_fields_list_close(radon_fields_t *fields, radon_fields_list_t *list, radon_bytes_t *encoded)
{
    if (!radon_cbor_leave(&fields->cbor)) {
        return false;
    }
    fields->path_length = list->path_length;
    if (encoded != NULL) {
        *encoded = radon_bytes(fields->cbor.input.data + list->start, fields->cbor.at - list->start);
    }
    return true;
}

/* ---- Values ---- */

bool radon_fields_uint(radon_fields_t *fields, uint32_t min, uint32_t max, uint32_t *value)
{
    uint64_t wide;
    if (radon_cbor_peek(&fields->cbor) != RADON_CBOR_UINT || !radon_cbor_read_uint(&fields->cbor, &wide)) {
        return radon_fields_refuse(fields, "is not an unsigned integer");
    }
    if (wide < min || wide > max) {
        return refuse_range(fields, "is outside ", min, max);
    }
    *value = (uint32_t)wide;
    return true;
}

bool radon_fields_ms(radon_fields_t *fields, uint64_t *value)
{
    if (radon_cbor_peek(&fields->cbor) != RADON_CBOR_UINT || !radon_cbor_read_uint(&fields->cbor, value)) {
        return radon_fields_refuse(fields, "is not an unsigned integer");
    }
    return *value < UINT64_C(1) << 53 || radon_fields_refuse(fields, "is 2^53 or more");
}

bool radon_fields_int(radon_fields_t *fields, int32_t min, int32_t max, int32_t *value)
{
    int64_t wide;
    radon_cbor_type_t type = radon_cbor_peek(&fields->cbor);
    bool good = (type == RADON_CBOR_UINT || type == RADON_CBOR_NEGATIVE) &&
                radon_cbor_read_int(&fields->cbor, &wide) && wide >= min && wide <= max;
    *value = good ? (int32_t)wide : 0;
    return good || radon_fields_refuse(fields, "is not an integer in its range");
}

bool radon_fields_text(radon_fields_t *fields, size_t max_bytes, radon_bytes_t *value)
{
    if (!radon_cbor_read_text(&fields->cbor, value)) {
        return radon_fields_refuse(fields, "is not UTF-8 text");
    }
    return value->len <= max_bytes || refuse_number(fields, "is longer than ", max_bytes, " bytes");
}

bool radon_fields_is_name(radon_bytes_t text)
{
    if (text.len == 0 || text.len > RADON_MAX_NAME_BYTES || text.data[0] < 'a' || text.data[0] > 'z') {
        return false;
    }
    for (size_t i = 1; i < text.len; i++) {
        const uint8_t c = text.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') {
            return false;
        }
    }
    return true;
}

bool radon_fields_name(radon_fields_t *fields, radon_bytes_t *value)
{
    return radon_fields_text(fields, RADON_MAX_NAME_BYTES, value) &&
           (radon_fields_is_name(*value) || radon_fields_refuse(fields, "is not [a-z][a-z0-9-]{0,31}"));
}

bool radon_fields_pattern(radon_fields_t *fields, radon_bytes_t *value)
{
    radon_pattern_t pattern;
    return radon_fields_text(fields, RADON_MAX_PATTERN_BYTES, value) &&
           (radon_pattern_parse(&pattern, *value) == RADON_OK ||
            radon_fields_refuse(fields, "is not a pattern"));
}

bool radon_fields_bytes(radon_fields_t *fields, size_t length, const uint8_t **value)
{
    radon_bytes_t bytes;
    if (!radon_cbor_read_bytes(&fields->cbor, &bytes)) {
        return radon_fields_refuse(fields, "is not a byte string");
    }
    *value = bytes.data;
    return bytes.len == length || refuse_number(fields, "is not ", length, " bytes long");
}

bool radon_fields_string(radon_fields_t *fields, size_t min, size_t max, radon_bytes_t *value)
{
    if (!radon_cbor_read_bytes(&fields->cbor, value)) {
        return radon_fields_refuse(fields, "is not a byte string");
    }
    return (value->len >= min && value->len <= max) ||
           refuse_range(fields, "is a byte string of another length than ", (uint32_t)min, (uint32_t)max);
}

bool radon_fields_bool(radon_fields_t *fields, bool *value)
{
    return radon_cbor_read_bool(&fields->cbor, value) || radon_fields_refuse(fields, "is not true or false");
}

/** "<path> is not <text>, <text> or <text>" */
static bool refuse_choice(radon_fields_t *fields, const char *const *texts, size_t count)
{
    radon_sink_t sink;
    if (begin_detail(fields, &sink)) {
        radon_sink_text(&sink, "is not ");
        for (size_t i = 0; i < count; i++) {
            radon_sink_text(&sink, i == 0 ? "" : i + 1 == count ? " or " : ", ");
            radon_sink_text(&sink, texts[i]);
        }
        end_detail(fields, &sink);
    }
    return false;
}

bool radon_fields_choice(radon_fields_t *fields, const char *const *texts, size_t count, size_t *index)
{
    radon_bytes_t text;
    if (!radon_cbor_read_text(&fields->cbor, &text)) {
        return radon_fields_refuse(fields, "is not UTF-8 text");
    }
    for (*index = 0; *index < count; (*index)++) {
        if (radon_bytes_equal_text(text, texts[*index])) {
            return true;
        }
    }
    return refuse_choice(fields, texts, count);
}

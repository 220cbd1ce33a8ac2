#include "radon/base/cbor_read.h"

#include <float.h>

enum { MAJOR_UINT, MAJOR_NEGATIVE, MAJOR_BYTES, MAJOR_TEXT, MAJOR_ARRAY, MAJOR_MAP, MAJOR_TAG, MAJOR_SIMPLE };
enum { SIMPLE_FALSE = 20, SIMPLE_TRUE = 21, SIMPLE_NULL = 22, FLOAT_HALF = 25, FLOAT_SINGLE, FLOAT_DOUBLE };

/** Initial byte with its argument. */
typedef struct {
    unsigned major;
    unsigned info;
    uint64_t argument;
    size_t len;
} head_t;

void radon_cbor_reader_init(radon_cbor_reader_t *reader, radon_bytes_t input)
{
    *reader = (radon_cbor_reader_t){.input = input};
    reader->levels[0].left = 1;
}

void radon_cbor_fail(radon_cbor_reader_t *reader)
{
    reader->failed = true;
}

bool radon_cbor_has_next(const radon_cbor_reader_t *reader)
{
    return !reader->failed && reader->levels[reader->depth].left > 0;
}

/** Arguments in more bytes than they need are refused; floats (major 7) are checked where they are read. */
static bool is_shortest(const head_t *head)
{
    static const uint64_t least[] = {24, 1u << 8, 1u << 16, UINT64_C(1) << 32};
    return head->info < 24 || head->major == MAJOR_SIMPLE || head->argument >= least[head->info - 24];
}

static bool parse_head(const radon_cbor_reader_t *reader, head_t *head)
{
    size_t left = reader->input.len - reader->at;
    if (left == 0) {
        return false;
    }
    const uint8_t *bytes = reader->input.data + reader->at;
    head->major = bytes[0] >> 5;
    head->info = bytes[0] & 31u;
    head->argument = head->info;
    head->len = 1;
    if (head->info > 27) {
        return false; /* reserved, or an indefinite length */
    }
    if (head->info >= 24) {
        head->len += (size_t)1 << (head->info - 24);
        head->argument = 0;
    }
    if (head->len > left) {
        return false;
    }
    for (size_t i = 1; i < head->len; i++) {
        head->argument = head->argument << 8 | bytes[i];
    }
    return is_shortest(head);
}

/** Whether the next item of the open map is a key. */
static bool at_key(const radon_cbor_reader_t *reader)
{
    const radon_cbor_level_t *level = &reader->levels[reader->depth];
    return level->map && level->left % 2 == 0 && !reader->tagged;
}

/** Encoded keys in ascending bytewise order; equal ones are refused as well. */
static bool keys_ascend(radon_bytes_t before, radon_bytes_t key)
{
    size_t common = before.len < key.len ? before.len : key.len;
    int order = common == 0 ? 0 : memcmp(before.data, key.data, common);
    return order < 0 || (order == 0 && before.len < key.len);
}

/** Counts the item of `len` bytes at the reader's position, checks it as a key where it is one, and passes
 * it. */
static bool take(radon_cbor_reader_t *reader, size_t len)
{
    radon_cbor_level_t *level = &reader->levels[reader->depth];
    if (at_key(reader)) {
        radon_bytes_t key = radon_bytes(reader->input.data + reader->at, len);
        if (!keys_ascend(level->last_key, key)) {
            reader->failed = true;
            return false;
        }
        level->last_key = key;
    }
    level->left--;
    reader->tagged = false;
    reader->at += len;
    return true;
}

/** Head of the next item; fails the reader unless its major type is `low` or `high`. */
static bool expect(radon_cbor_reader_t *reader, head_t *head, unsigned low, unsigned high)
{
    bool good = radon_cbor_has_next(reader) && parse_head(reader, head) &&
                (head->major == low || head->major == high);
    if (good && at_key(reader)) {
        good = head->major <= MAJOR_NEGATIVE || head->major == MAJOR_TEXT;
    }
    reader->failed = !good;
    return good;
}

static radon_cbor_type_t simple_type(unsigned info)
{
    switch (info) {
    case SIMPLE_FALSE:
    case SIMPLE_TRUE:
        return RADON_CBOR_BOOL;
    case SIMPLE_NULL:
        return RADON_CBOR_NULL;
    case FLOAT_HALF:
    case FLOAT_SINGLE:
    case FLOAT_DOUBLE:
        return RADON_CBOR_FLOAT;
    default:
        return RADON_CBOR_NONE;
    }
}

radon_cbor_type_t radon_cbor_peek(const radon_cbor_reader_t *reader)
{
    static const radon_cbor_type_t types[] = {
        [MAJOR_UINT] = RADON_CBOR_UINT,   [MAJOR_NEGATIVE] = RADON_CBOR_NEGATIVE,
        [MAJOR_BYTES] = RADON_CBOR_BYTES, [MAJOR_TEXT] = RADON_CBOR_TEXT,
        [MAJOR_ARRAY] = RADON_CBOR_ARRAY, [MAJOR_MAP] = RADON_CBOR_MAP,
        [MAJOR_TAG] = RADON_CBOR_TAG,
    };
    head_t head;
    if (!radon_cbor_has_next(reader) || !parse_head(reader, &head)) {
        return RADON_CBOR_NONE;
    }
    return head.major == MAJOR_SIMPLE ? simple_type(head.info) : types[head.major];
}

bool radon_cbor_read_uint(radon_cbor_reader_t *reader, uint64_t *value)
{
    head_t head;
    bool good = expect(reader, &head, MAJOR_UINT, MAJOR_UINT) && take(reader, head.len);
    *value = good ? head.argument : 0;
    return good;
}

bool radon_cbor_read_u32(radon_cbor_reader_t *reader, uint32_t *value, uint32_t max)
{
    uint64_t wide;
    bool good = radon_cbor_read_uint(reader, &wide);
    if (good && wide > max) {
        reader->failed = true;
        good = false;
    }
    *value = good ? (uint32_t)wide : 0;
    return good;
}

bool radon_cbor_read_int(radon_cbor_reader_t *reader, int64_t *value)
{
    head_t head;
    *value = 0;
    if (!expect(reader, &head, MAJOR_UINT, MAJOR_NEGATIVE)) {
        return false;
    }
    if (head.argument > INT64_MAX) {
        reader->failed = true;
        return false;
    }
    *value = head.major == MAJOR_UINT ? (int64_t)head.argument : -1 - (int64_t)head.argument;
    return take(reader, head.len);
}

/** Byte and text strings. */
static bool read_string(radon_cbor_reader_t *reader, unsigned major, radon_bytes_t *value)
{
    head_t head;
    *value = radon_bytes(NULL, 0);
    if (!expect(reader, &head, major, major)) {
        return false;
    }
    size_t left = reader->input.len - reader->at - head.len;
    if (head.argument > left) {
        reader->failed = true;
        return false;
    }
    radon_bytes_t content = radon_bytes(reader->input.data + reader->at + head.len, (size_t)head.argument);
    if (major == MAJOR_TEXT && !radon_bytes_is_utf8(content)) {
        reader->failed = true;
        return false;
    }
    if (!take(reader, head.len + content.len)) {
        return false;
    }
    *value = content;
    return true;
}

bool radon_cbor_read_bytes(radon_cbor_reader_t *reader, radon_bytes_t *value)
{
    return read_string(reader, MAJOR_BYTES, value);
}

bool radon_cbor_read_text(radon_cbor_reader_t *reader, radon_bytes_t *value)
{
    return read_string(reader, MAJOR_TEXT, value);
}

/** A simple value out of `low` or `high`. */
static bool read_simple(radon_cbor_reader_t *reader, unsigned low, unsigned high, unsigned *info)
{
    head_t head;
    if (!expect(reader, &head, MAJOR_SIMPLE, MAJOR_SIMPLE) || (head.info != low && head.info != high)) {
        reader->failed = true;
        return false;
    }
    *info = head.info;
    return take(reader, head.len);
}

bool radon_cbor_read_bool(radon_cbor_reader_t *reader, bool *value)
{
    unsigned info = SIMPLE_FALSE;
    bool good = read_simple(reader, SIMPLE_FALSE, SIMPLE_TRUE, &info);
    *value = good && info == SIMPLE_TRUE;
    return good;
}

bool radon_cbor_read_null(radon_cbor_reader_t *reader)
{
    unsigned info;
    return read_simple(reader, SIMPLE_NULL, SIMPLE_NULL, &info);
}

/** Bits of a half as bits of the equal single. */
static uint32_t single_of_half(uint32_t half)
{
    uint32_t sign = (half & 0x8000) << 16;
    uint32_t exponent = half >> 10 & 31;
    uint32_t fraction = half & 0x3ff;
    if (exponent == 31) {
        return sign | 0x7f800000u | fraction << 13;
    }
    if (exponent > 0) {
        return sign | (exponent + 112) << 23 | fraction << 13;
    }
    if (fraction == 0) {
        return sign;
    }
    for (exponent = 113; (fraction & 0x400) == 0; exponent--) {
        fraction <<= 1;
    }
    return sign | exponent << 23 | (fraction & 0x3ff) << 13;
}

/** Whether a single would have fitted a half (a NaN has the one form 7e00). */
static bool single_is_shortest(uint32_t single)
{
    int32_t exponent = (int32_t)(single >> 23 & 0xff) - 127;
    uint32_t significand = (single & 0x7fffff) | 0x800000;
    if (exponent == 128 || (single & 0x7fffffff) == 0) {
        return false;
    }
    if (exponent < -24 || exponent > 15) {
        return true;
    }
    unsigned shift = exponent >= -14 ? 13 : (unsigned)(-exponent - 1);
    return (significand & ((1u << shift) - 1)) != 0;
}

static double double_of_single(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/** Whether the value of a double would have been exact as a single. */
static bool double_is_shortest(double value)
{
    double size = value < 0 ? -value : value;
    if (size > FLT_MAX && size <= DBL_MAX) {
        return true;
    }
    return value == value && (double)(float)value != value;
}

static bool float_value(const head_t *head, double *value)
{
    switch (head->info) {
    case FLOAT_HALF:
        *value = double_of_single(single_of_half((uint32_t)head->argument));
        return *value == *value || head->argument == 0x7e00;
    case FLOAT_SINGLE:
        *value = double_of_single((uint32_t)head->argument);
        return single_is_shortest((uint32_t)head->argument);
    case FLOAT_DOUBLE:
        memcpy(value, &head->argument, sizeof *value);
        return double_is_shortest(*value);
    default:
        return false;
    }
}

bool radon_cbor_read_number(radon_cbor_reader_t *reader, double *value)
{
    radon_cbor_type_t type = radon_cbor_peek(reader);
    *value = 0;
    if (type == RADON_CBOR_UINT || type == RADON_CBOR_NEGATIVE) {
        int64_t integer;
        bool good = radon_cbor_read_int(reader, &integer);
        *value = (double)integer;
        return good;
    }
    head_t head;
    if (!expect(reader, &head, MAJOR_SIMPLE, MAJOR_SIMPLE) || !float_value(&head, value)) {
        reader->failed = true;
        *value = 0;
        return false;
    }
    return take(reader, head.len);
}

bool radon_cbor_read_tag(radon_cbor_reader_t *reader, uint64_t *tag)
{
    head_t head;
    *tag = 0;
    if (!expect(reader, &head, MAJOR_TAG, MAJOR_TAG)) {
        return false;
    }
    *tag = head.argument;
    reader->at += head.len; /* the item it tags is still to be counted */
    reader->tagged = true;
    return true;
}

static bool enter(radon_cbor_reader_t *reader, unsigned major, uint32_t *count)
{
    head_t head;
    *count = 0;
    if (!expect(reader, &head, major, major)) {
        return false;
    }
    /* Every item takes a byte or more, so a count above the input's length is a lie. */
    size_t left = reader->input.len - reader->at - head.len;
    uint64_t items_each = major == MAJOR_MAP ? 2 : 1;
    if (reader->depth == RADON_CBOR_DEPTH || head.argument > left / items_each) {
        reader->failed = true;
        return false;
    }
    if (!take(reader, head.len)) {
        return false;
    }
    *count = (uint32_t)head.argument;
    reader->levels[++reader->depth] =
        (radon_cbor_level_t){.left = (uint32_t)(head.argument * items_each), .map = major == MAJOR_MAP};
    return true;
}

bool radon_cbor_enter_array(radon_cbor_reader_t *reader, uint32_t *count)
{
    return enter(reader, MAJOR_ARRAY, count);
}

bool radon_cbor_enter_map(radon_cbor_reader_t *reader, uint32_t *count)
{
    return enter(reader, MAJOR_MAP, count);
}

bool radon_cbor_leave(radon_cbor_reader_t *reader)
{
    if (reader->failed || reader->depth == 0 || reader->levels[reader->depth].left > 0 || reader->tagged) {
        reader->failed = true;
        return false;
    }
    reader->depth--;
    return true;
}

/** Passes one scalar, or enters one container. */
static void skip_step(radon_cbor_reader_t *reader)
{
    radon_bytes_t string;
    uint32_t count;
    uint64_t integer;
    double number;
    bool truth;
    switch (radon_cbor_peek(reader)) {
    case RADON_CBOR_UINT:
        radon_cbor_read_uint(reader, &integer);
        break;
    case RADON_CBOR_BYTES:
        radon_cbor_read_bytes(reader, &string);
        break;
    case RADON_CBOR_TEXT:
        radon_cbor_read_text(reader, &string);
        break;
    case RADON_CBOR_ARRAY:
        radon_cbor_enter_array(reader, &count);
        break;
    case RADON_CBOR_MAP:
        radon_cbor_enter_map(reader, &count);
        break;
    case RADON_CBOR_TAG:
        radon_cbor_read_tag(reader, &integer);
        break;
    case RADON_CBOR_BOOL:
        radon_cbor_read_bool(reader, &truth);
        break;
    case RADON_CBOR_NULL:
        radon_cbor_read_null(reader);
        break;
    case RADON_CBOR_NONE:
        reader->failed = true;
        break;
    default:
        radon_cbor_read_number(reader, &number);
        break;
    }
}

bool radon_cbor_skip(radon_cbor_reader_t *reader, radon_bytes_t *encoded)
{
    size_t start = reader->at;
    uint8_t depth = reader->depth;
    do {
        skip_step(reader);
        while (!reader->failed && reader->depth > depth && reader->levels[reader->depth].left == 0) {
            radon_cbor_leave(reader);
        }
    } while (!reader->failed && (reader->depth > depth || reader->tagged));
    if (encoded != NULL) {
        *encoded = reader->failed ? radon_bytes(NULL, 0)
                                  : radon_bytes(reader->input.data + start, reader->at - start);
    }
    return !reader->failed;
}

radon_err_t radon_cbor_read_end(const radon_cbor_reader_t *reader)
{
    bool whole = !reader->failed && reader->depth == 0 && reader->levels[0].left == 0 &&
                 reader->at == reader->input.len;
    return whole ? RADON_OK : RADON_E_ARG;
}

#include "radon/base/cbor_write.h"

#include <float.h>

enum { MAJOR_UINT, MAJOR_NEGATIVE, MAJOR_BYTES, MAJOR_TEXT, MAJOR_ARRAY, MAJOR_MAP, MAJOR_TAG, MAJOR_SIMPLE };
enum { SIMPLE_FALSE = 20, SIMPLE_TRUE = 21, SIMPLE_NULL = 22, FLOAT_HALF = 25, FLOAT_SINGLE, FLOAT_DOUBLE };

/** Initial byte with `info`, then `size` bytes of `value`, most significant first. */
static void put_head(radon_sink_t *sink, unsigned major, unsigned info, uint64_t value, unsigned size)
{
    uint8_t head[9] = {(uint8_t)(major << 5 | info)};
    for (unsigned i = 0; i < size; i++) {
        head[1 + i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    }
    radon_sink_write(sink, head, 1 + size);
}

/** The shortest head for an argument (RFC 8949 4.2.1). */
static void put_argument(radon_sink_t *sink, unsigned major, uint64_t value)
{
    if (value < 24) {
        put_head(sink, major, (unsigned)value, 0, 0);
    } else if (value <= UINT8_MAX) {
        put_head(sink, major, 24, value, 1);
    } else if (value <= UINT16_MAX) {
        put_head(sink, major, 25, value, 2);
    } else if (value <= UINT32_MAX) {
        put_head(sink, major, 26, value, 4);
    } else {
        put_head(sink, major, 27, value, 8);
    }
}

void radon_cbor_write_uint(radon_sink_t *sink, uint64_t value)
{
    put_argument(sink, MAJOR_UINT, value);
}

void radon_cbor_write_int(radon_sink_t *sink, int64_t value)
{
    if (value < 0) {
        put_argument(sink, MAJOR_NEGATIVE, ~(uint64_t)value);
    } else {
        put_argument(sink, MAJOR_UINT, (uint64_t)value);
    }
}

void radon_cbor_write_bytes(radon_sink_t *sink, radon_bytes_t bytes)
{
    put_argument(sink, MAJOR_BYTES, bytes.len);
    radon_sink_write(sink, bytes.data, bytes.len);
}

void radon_cbor_write_text(radon_sink_t *sink, radon_bytes_t text)
{
    radon_cbor_write_text_head(sink, text.len);
    radon_sink_write(sink, text.data, text.len);
}

void radon_cbor_write_text_head(radon_sink_t *sink, size_t len)
{
    put_argument(sink, MAJOR_TEXT, len);
}

void radon_cbor_write_array(radon_sink_t *sink, size_t count)
{
    put_argument(sink, MAJOR_ARRAY, count);
}

void radon_cbor_write_map(radon_sink_t *sink, size_t pairs)
{
    put_argument(sink, MAJOR_MAP, pairs);
}

void radon_cbor_write_tag(radon_sink_t *sink, uint64_t tag)
{
    put_argument(sink, MAJOR_TAG, tag);
}

void radon_cbor_write_bool(radon_sink_t *sink, bool value)
{
    put_head(sink, MAJOR_SIMPLE, value ? SIMPLE_TRUE : SIMPLE_FALSE, 0, 0);
}

void radon_cbor_write_null(radon_sink_t *sink)
{
    put_head(sink, MAJOR_SIMPLE, SIMPLE_NULL, 0, 0);
}

/** The half-precision form of a single, when it is exact (normal, subnormal, infinite or NaN). */
static bool half_of(uint32_t single, uint16_t *half)
{
    uint32_t sign = single >> 16 & 0x8000;
    int32_t exponent = (int32_t)(single >> 23 & 0xff) - 127;
    uint32_t fraction = single & 0x7fffff;
    if (exponent == 128) {
        *half = (uint16_t)(fraction == 0 ? sign | 0x7c00 : 0x7e00);
        return true;
    }
    if (exponent >= -14 && exponent <= 15 && (fraction & 0x1fff) == 0) {
        *half = (uint16_t)(sign | (uint32_t)(exponent + 15) << 10 | fraction >> 13);
        return true;
    }
    if (exponent >= -24 && exponent < -14) {
        unsigned shift = (unsigned)(-exponent - 1);
        uint32_t significand = fraction | 0x800000;
        *half = (uint16_t)(sign | significand >> shift);
        return (significand & ((1u << shift) - 1)) == 0;
    }
    *half = (uint16_t)sign;
    return exponent == -127 && fraction == 0;
}

/** The single-precision form, when it is exact. A finite value beyond the range must not be converted
 * (6.3.1.5). */
static bool single_of(double value, uint32_t *bits)
{
    double size = value < 0 ? -value : value;
    bool beyond = size > FLT_MAX && size <= DBL_MAX;
    float single = beyond ? 0 : (float)value;
    memcpy(bits, &single, sizeof single);
    return !beyond && ((double)single == value || value != value);
}

static void put_float(radon_sink_t *sink, double value)
{
    uint64_t bits;
    uint32_t single;
    uint16_t half;
    memcpy(&bits, &value, sizeof bits);
    if (!single_of(value, &single)) {
        put_head(sink, MAJOR_SIMPLE, FLOAT_DOUBLE, bits, 8);
    } else if (!half_of(single, &half)) {
        put_head(sink, MAJOR_SIMPLE, FLOAT_SINGLE, single, 4);
    } else {
        put_head(sink, MAJOR_SIMPLE, FLOAT_HALF, half, 2);
    }
}

void radon_cbor_write_number(radon_sink_t *sink, double value)
{
    const double limit = 9007199254740992.0; /* 2^53 */
    if (value > -limit && value < limit && (double)(int64_t)value == value) {
        radon_cbor_write_int(sink, (int64_t)value);
    } else {
        put_float(sink, value);
    }
}

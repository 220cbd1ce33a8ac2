#include "radon/base/sink.h"

#include <float.h>

#include "radon/base/crc.h"

void radon_sink_init(radon_sink_t *sink, uint8_t *buffer, size_t cap, size_t from)
{
    *sink = (radon_sink_t){.buffer = buffer, .cap = cap, .from = from, .crc_state = RADON_CRC32_START};
}

void radon_sink_write(radon_sink_t *sink, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    size_t start = sink->total;
    size_t end = start + len;
    size_t from = sink->from > start ? sink->from : start;
    size_t limit = sink->from + sink->cap;
    size_t to = end < limit ? end : limit;
    if (from < to) {
        memcpy(sink->buffer + (from - sink->from), bytes + (from - start), to - from);
    }
    sink->crc_state = radon_crc32_update(sink->crc_state, data, len);
    sink->total = end;
}

void radon_sink_put(radon_sink_t *sink, uint8_t byte)
{
    radon_sink_write(sink, &byte, 1);
}

void radon_sink_text(radon_sink_t *sink, const char *text)
{
    radon_sink_write(sink, text, strlen(text));
}

/** Decimal digits of `value`, with zeros in front up to `width`. */
static void put_digits(radon_sink_t *sink, uint64_t value, unsigned width)
{
    char digits[20];
    unsigned len = 0;
    do {
        digits[sizeof digits - ++len] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0 || len < width);
    radon_sink_write(sink, digits + sizeof digits - len, len);
}

void radon_sink_u64(radon_sink_t *sink, uint64_t value)
{
    put_digits(sink, value, 1);
}

void radon_sink_i64(radon_sink_t *sink, int64_t value)
{
    if (value < 0) {
        radon_sink_put(sink, '-');
    }
    put_digits(sink, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 1);
}

#define FRACTION_SCALE 1000000000u
#define FRACTION_DIGITS 9

/** A value of 0 <= value < 2^53 with at most nine decimals, none of them a trailing zero. */
static void put_fixed(radon_sink_t *sink, double value)
{
    uint64_t whole = (uint64_t)value;
    uint64_t fraction = (uint64_t)((value - (double)whole) * FRACTION_SCALE + 0.5);
    unsigned digits = FRACTION_DIGITS;
    if (fraction >= FRACTION_SCALE) {
        whole++;
        fraction = 0;
    }
    put_digits(sink, whole, 1);
    if (fraction == 0) {
        return;
    }
    for (; fraction % 10 == 0; fraction /= 10) {
        digits--;
    }
    radon_sink_put(sink, '.');
    put_digits(sink, fraction, digits);
}

/** Brings a positive value into [1, 10); at most about 330 steps. */
static int normalise(double *value)
{
    int exponent = 0;
    for (; *value >= 10; *value /= 10) {
        exponent++;
    }
    for (; *value < 1; *value *= 10) {
        exponent--;
    }
    if (*value >= 10 - 0.5 / FRACTION_SCALE) { /* would round up to two digits */
        *value = 1;
        exponent++;
    }
    return exponent;
}

void radon_sink_double(radon_sink_t *sink, double value)
{
    double size = value < 0 ? -value : value;
    if (!(size <= DBL_MAX)) {
        radon_sink_text(sink, "null");
        return;
    }
    if (value < 0) {
        radon_sink_put(sink, '-');
    }
    if (size == 0 || (size >= 1e-4 && size < 9007199254740992.0)) {
        put_fixed(sink, size);
        return;
    }
    int exponent = normalise(&size);
    put_fixed(sink, size);
    radon_sink_put(sink, 'e');
    radon_sink_i64(sink, exponent);
}

void radon_sink_hex(radon_sink_t *sink, radon_bytes_t bytes)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        radon_sink_put(sink, (uint8_t)digits[bytes.data[i] >> 4]);
        radon_sink_put(sink, (uint8_t)digits[bytes.data[i] & 15]);
    }
}

void radon_sink_adopt(radon_sink_t *sink, const radon_sink_t *written)
{
    radon_bytes_t window = radon_sink_window(written);
    memcpy(sink->buffer, window.data, window.len);
    sink->cap = window.len;
    sink->total = written->total;
    sink->crc_state = written->crc_state;
}

uint32_t radon_sink_crc32(const radon_sink_t *sink)
{
    return ~sink->crc_state;
}

radon_bytes_t radon_sink_window(const radon_sink_t *sink)
{
    size_t beyond = sink->total > sink->from ? sink->total - sink->from : 0;
    return radon_bytes(sink->buffer, beyond < sink->cap ? beyond : sink->cap);
}

bool radon_sink_fits(const radon_sink_t *sink)
{
    return sink->total <= sink->from + sink->cap;
}

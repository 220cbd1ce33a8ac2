#include "radon/base/bytes.h"

bool radon_bytes_equal(radon_bytes_t a, radon_bytes_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool radon_bytes_equal_text(radon_bytes_t a, const char *text)
{
    return radon_bytes_equal(a, radon_bytes_text(text));
}

bool radon_bytes_start_with(radon_bytes_t bytes, radon_bytes_t prefix)
{
    return bytes.len >= prefix.len && radon_bytes_equal(radon_bytes(bytes.data, prefix.len), prefix);
}

bool radon_bytes_precede(radon_bytes_t a, radon_bytes_t b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    return order < 0 || (order == 0 && a.len < b.len);
}

bool radon_bytes_parse_u32(radon_bytes_t text, uint32_t *value)
{
    uint64_t sum = 0;
    if (text.len == 0 || text.len > 10 || (text.len > 1 && text.data[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        sum = sum * 10 + (uint64_t)(text.data[i] - '0');
    }
    *value = (uint32_t)sum;
    return sum <= UINT32_MAX;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool radon_bytes_parse_hex(radon_bytes_t text, uint8_t *out, size_t len)
{
    if (text.len != 2 * len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(text.data[2 * i]);
        int low = hex_digit(text.data[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/** Continuation bytes after a lead byte, and the least code point that needs that many; 0 for no lead byte.
 */
static size_t utf8_continuations(uint8_t lead, uint32_t *value, uint32_t *least)
{
    if (lead >= 0xc2 && lead < 0xe0) {
        *value = lead & 0x1fu;
        *least = 0x80;
        return 1;
    }
    if (lead >= 0xe0 && lead < 0xf0) {
        *value = lead & 0x0fu;
        *least = 0x800;
        return 2;
    }
    if (lead >= 0xf0 && lead < 0xf5) {
        *value = lead & 0x07u;
        *least = 0x10000;
        return 3;
    }
    return 0;
}

size_t radon_bytes_utf8_length(radon_bytes_t text)
{
    uint32_t value = 0;
    uint32_t least = 0;
    if (text.len == 0) {
        return 0;
    }
    if (text.data[0] < 0x80) {
        return 1;
    }
    size_t more = utf8_continuations(text.data[0], &value, &least);
    if (more == 0 || text.len <= more) {
        return 0;
    }
    for (size_t i = 1; i <= more; i++) {
        if ((text.data[i] & 0xc0) != 0x80) {
            return 0;
        }
        value = value << 6 | (text.data[i] & 0x3fu);
    }
    bool surrogate = value >= 0xd800 && value <= 0xdfff;
    return value < least || value > 0x10ffff || surrogate ? 0 : more + 1;
}

bool radon_bytes_is_utf8(radon_bytes_t text)
{
    while (text.len > 0) {
        size_t len = radon_bytes_utf8_length(text);
        if (len == 0) {
            return false;
        }
        text = radon_bytes(text.data + len, text.len - len);
    }
    return true;
}

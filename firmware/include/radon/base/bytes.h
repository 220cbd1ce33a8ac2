/** Views of bytes and text, and integers in them. Nothing here owns memory. */
#ifndef RADON_BASE_BYTES_H
#define RADON_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Borrowed bytes; `data` may be NULL only when `len` is 0. */
typedef struct {
    const uint8_t *data;
    size_t len;
} radon_bytes_t;

static inline radon_bytes_t radon_bytes(const void *data, size_t len)
{
    return (radon_bytes_t){.data = data, .len = len};
}

/** View of a NUL-terminated text, without its end. NULL gives an empty view. */
static inline radon_bytes_t radon_bytes_text(const char *text)
{
    return radon_bytes(text, text == NULL ? 0 : strlen(text));
}

bool radon_bytes_equal(radon_bytes_t a, radon_bytes_t b);
bool radon_bytes_equal_text(radon_bytes_t a, const char *text);
bool radon_bytes_start_with(radon_bytes_t bytes, radon_bytes_t prefix);
/** Whether `a` comes before `b` in ascending order by bytes. */
bool radon_bytes_precede(radon_bytes_t a, radon_bytes_t b);

/** Decimal digits only, no sign, no leading zero but "0" itself. False for anything else or above 2^32-1. */
bool radon_bytes_parse_u32(radon_bytes_t text, uint32_t *value);

/** Hexadecimal digits of either case, exactly two for each of `len` bytes. */
bool radon_bytes_parse_hex(radon_bytes_t text, uint8_t *out, size_t len);

/** Well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). */
bool radon_bytes_is_utf8(radon_bytes_t text);

/** Length of the UTF-8 sequence at the start of `text` (1..4), or 0 when it is malformed or `text` empty. */
size_t radon_bytes_utf8_length(radon_bytes_t text);

#endif

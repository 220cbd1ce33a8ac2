#include "reader.h"

#include <string.h>

void radon_reader_fail(radon_reader_t *reader, const char *what)
{
    if (reader->failure == NULL) {
        reader->failure = what;
    }
}

uint8_t radon_reader_byte(radon_reader_t *reader)
{
    if (reader->failure != NULL) {
        return 0;
    }
    if (reader->at >= reader->end) {
        radon_reader_fail(reader, "unexpected end");
        return 0;
    }
    return reader->bytes[reader->at++];
}

uint8_t radon_reader_peek(const radon_reader_t *reader)
{
    return radon_reader_done(reader) ? 0 : reader->bytes[reader->at];
}

uint32_t radon_reader_u32(radon_reader_t *reader)
{
    uint32_t value = 0;
    for (uint32_t shift = 0; shift <= 28; shift += 7) {
        uint8_t byte = radon_reader_byte(reader);
        if (shift == 28 && byte > 0x0F) {
            radon_reader_fail(reader, "number too large");
        }
        value |= (uint32_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            break;
        }
    }
    return reader->failure == NULL ? value : 0;
}

int32_t radon_reader_s32(radon_reader_t *reader)
{
    uint32_t value = 0;
    for (uint32_t shift = 0; shift <= 28; shift += 7) {
        uint8_t byte = radon_reader_byte(reader);
        if (shift == 28 && byte > 0x07 && (byte < 0x78 || byte > 0x7F)) {
            radon_reader_fail(reader, "number too large");
        }
        value |= (uint32_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            if (shift < 28 && (byte & 0x40) != 0) {
                value |= UINT32_MAX << (shift + 7);
            }
            break;
        }
    }
    return reader->failure == NULL ? (int32_t)value : 0;
}

void radon_reader_skip_signed(radon_reader_t *reader, uint32_t bits)
{
    uint32_t longest = (bits + 6) / 7;
    for (uint32_t length = 1; radon_reader_byte(reader) >= 0x80; length++) {
        if (length == longest) {
            radon_reader_fail(reader, "number too long");
        }
    }
}

void radon_reader_skip(radon_reader_t *reader, uint32_t length)
{
    if (reader->failure == NULL && length > reader->end - reader->at) {
        radon_reader_fail(reader, "length beyond the end");
    }
    if (reader->failure == NULL) {
        reader->at += length;
    }
}

uint32_t radon_reader_count(radon_reader_t *reader)
{
    uint32_t count = radon_reader_u32(reader);
    if (reader->failure == NULL && count > reader->end - reader->at) {
        radon_reader_fail(reader, "count beyond the end");
        return 0;
    }
    return count;
}

radon_reader_t radon_reader_slice(radon_reader_t *reader, uint32_t length)
{
    radon_reader_t slice = *reader;
    radon_reader_skip(reader, length);
    slice.failure = reader->failure;
    slice.end = reader->failure == NULL ? reader->at : slice.at;
    return slice;
}

/** Length of the UTF-8 sequence at the start of `text`, or 0 when it is none (Unicode 15, table 3-7). */
static uint32_t utf8_length(const uint8_t *text, uint32_t available)
{
    uint8_t first = text[0];
    if (first < 0x80) {
        return 1;
    }
    uint32_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
    if (length == 0 || length > available) {
        return 0;
    }
    uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (text[1] < low || text[1] > high) {
        return 0;
    }
    for (uint32_t i = 2; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length;
}

radon_reader_name_t radon_reader_name(radon_reader_t *reader)
{
    uint32_t length = radon_reader_u32(reader);
    uint32_t start = reader->at;
    radon_reader_skip(reader, length);
    for (uint32_t at = start; reader->failure == NULL && at < start + length;) {
        uint32_t step = utf8_length(reader->bytes + at, start + length - at);
        if (step == 0) {
            radon_reader_fail(reader, "name is not UTF-8");
        }
        at += step;
    }
    return (radon_reader_name_t){(const char *)reader->bytes + start, reader->failure == NULL ? length : 0};
}

bool radon_reader_name_is(radon_reader_name_t name, const char *text)
{
    return name.length == strlen(text) && memcmp(name.text, text, name.length) == 0;
}

#include "radon/runtime/destination.h"

/** Most digits after `~`. */
#define NUMBER_DIGITS 10U

bool radon_destination_is_name(radon_bytes_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool letter = text.data[i] >= 'a' && text.data[i] <= 'z';
        bool digit = text.data[i] >= '0' && text.data[i] <= '9';
        if (!letter && (i == 0 || (!digit && text.data[i] != '-'))) {
            return false;
        }
    }
    return text.len > 0 && text.len <= RADON_MAX_NAME_BYTES;
}

/** Splits at the first `separator`; `behind` is empty, its data NULL, when there is none. */
static radon_bytes_t split(radon_bytes_t text, uint8_t separator, radon_bytes_t *behind)
{
    const uint8_t *at = text.len == 0 ? NULL : memchr(text.data, separator, text.len);
    *behind = radon_bytes(NULL, 0);
    if (at == NULL) {
        return text;
    }
    size_t front = (size_t)(at - text.data);
    *behind = radon_bytes(at + 1, text.len - front - 1);
    return radon_bytes(text.data, front);
}

/** [1-9][0-9]{0,9} */
static bool parse_number(radon_bytes_t digits, uint32_t *number)
{
    if (digits.len == 0 || digits.len > NUMBER_DIGITS || digits.data[0] == '0') {
        return false;
    }
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9') {
            return false;
        }
    }
    if (!radon_bytes_parse_u32(digits, number)) {
        *number = UINT32_MAX;
    }
    return true;
}

bool radon_destination_parse_name(radon_destination_t *destination, radon_bytes_t text)
{
    radon_bytes_t digits;
    *destination = (radon_destination_t){.name = text};
    destination->atom = split(text, '~', &digits);
    return radon_destination_is_name(destination->atom) &&
           (digits.data == NULL || parse_number(digits, &destination->number));
}

bool radon_destination_parse(radon_destination_t *destination, radon_bytes_t text)
{
    radon_bytes_t name;
    radon_bytes_t node = split(text, '/', &name);
    if (name.data == NULL) {
        return radon_destination_parse_name(destination, text);
    }
    if (!radon_destination_is_name(node) || !radon_destination_parse_name(destination, name)) {
        return false;
    }
    destination->node = node;
    return true;
}

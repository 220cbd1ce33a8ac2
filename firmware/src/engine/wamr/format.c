#include "platform_internal.h"

/*
 * printf for WAMR's error messages: %s, %c, %d, %i, %u, %x, %p, %% with the modifiers l, ll, z, and widths
 * that are skipped. Bounded by `size`, keeps no state.
 */

typedef struct {
    char *out;
    size_t size;
    size_t length; /**< of the whole text, also when it did not fit */
} text_t;

static void put(text_t *text, char character)
{
    if (text->length + 1 < text->size) {
        text->out[text->length] = character;
    }
    text->length++;
}

static void put_string(text_t *text, const char *string)
{
    for (const char *next = string == NULL ? "(null)" : string; *next != '\0'; next++) {
        put(text, *next);
    }
}

static void put_number(text_t *text, unsigned long long value, unsigned base)
{
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    while (count > 0) {
        put(text, digits[--count]);
    }
}

static void put_signed(text_t *text, long long value)
{
    if (value < 0) {
        put(text, '-');
    }
    put_number(text, value < 0 ? 0ULL - (unsigned long long)value : (unsigned long long)value, 10);
}

/** Steps over width and length modifiers; returns how many `l` (z counts as one) there were. */
static unsigned skip_modifiers(const char **format)
{
    unsigned longs = 0;
    while (strchr("0123456789.-lz", **format) != NULL && **format != '\0') {
        longs += **format == 'l' || **format == 'z' ? 1U : 0U;
        (*format)++;
    }
    return longs;
}

/** va_list by pointer, so that what one conversion takes is gone for the next. */
typedef struct {
    va_list list;
} arguments_t;

static long long next_signed(unsigned longs, arguments_t *arguments)
{
    switch (longs) {
    case 0:
        return va_arg(arguments->list, int);
    case 1:
        return va_arg(arguments->list, long);
    default:
        return va_arg(arguments->list, long long);
    }
}

static unsigned long long next_unsigned(unsigned longs, arguments_t *arguments)
{
    switch (longs) {
    case 0:
        return va_arg(arguments->list, unsigned);
    case 1:
        return va_arg(arguments->list, unsigned long);
    default:
        return va_arg(arguments->list, unsigned long long);
    }
}

static void put_conversion(text_t *text, char conversion, unsigned longs, arguments_t *arguments)
{
    switch (conversion) {
    case 's':
        put_string(text, va_arg(arguments->list, const char *));
        break;
    case 'c':
        put(text, (char)va_arg(arguments->list, int));
        break;
    case 'd':
    case 'i':
        put_signed(text, next_signed(longs, arguments));
        break;
    case 'u':
    case 'x':
        put_number(text, next_unsigned(longs, arguments), conversion == 'x' ? 16 : 10);
        break;
    case 'p':
        put_number(text, (uintptr_t)va_arg(arguments->list, void *), 16);
        break;
    default:
        put(text, conversion);
    }
}

int radon_engine_format_list(char *out, size_t size, const char *format, va_list arguments)
{
    text_t text = {out, size, 0};
    arguments_t rest;
    va_copy(rest.list, arguments);
    for (const char *next = format; *next != '\0'; next++) {
        if (*next != '%') {
            put(&text, *next);
            continue;
        }
        next++;
        unsigned longs = skip_modifiers(&next);
        if (*next == '\0') {
            break;
        }
        put_conversion(&text, *next, longs, &rest);
    }
    va_end(rest.list);
    if (size > 0) {
        out[text.length < size ? text.length : size - 1] = '\0';
    }
    return (int)text.length;
}

int radon_engine_format(char *out, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = radon_engine_format_list(out, size, format, arguments);
    va_end(arguments);
    return length;
}

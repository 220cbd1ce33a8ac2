#include "radon/app/input.h"

#include "radon/base/cbor_read.h"
#include "radon/fields.generated.h"

/* ---- Commands ---- */

static void skip(radon_bytes_t *rest, size_t count)
{
    *rest = radon_bytes(rest->data + count, rest->len - count);
}

static void skip_space(radon_bytes_t *rest)
{
    while (rest->len > 0 && (rest->data[0] == ' ' || (rest->data[0] >= '\t' && rest->data[0] <= '\r'))) {
        skip(rest, 1);
    }
}

/** Takes `text` and the space in front of it. */
static bool take_text(radon_bytes_t *rest, const char *text)
{
    skip_space(rest);
    bool there = radon_bytes_start_with(*rest, radon_bytes_text(text));
    skip(rest, there ? strlen(text) : 0);
    return there;
}

/** {"command": "WORD"} as JSON writes it without escapes. */
static radon_bytes_t json_command(radon_bytes_t body)
{
    radon_bytes_t rest = body;
    if (!take_text(&rest, "{") || !take_text(&rest, "\"command\"") || !take_text(&rest, ":") ||
        !take_text(&rest, "\"")) {
        return radon_bytes(NULL, 0);
    }
    radon_bytes_t word = radon_bytes(rest.data, 0);
    while (rest.len > 0 && rest.data[0] >= 'a' && rest.data[0] <= 'z') {
        word.len++;
        skip(&rest, 1);
    }
    bool quoted = rest.len > 0 && rest.data[0] == '"' && take_text(&rest, "\"") && take_text(&rest, "}");
    skip_space(&rest);
    return quoted && rest.len == 0 ? word : radon_bytes(NULL, 0);
}

static radon_bytes_t cbor_command(radon_bytes_t body)
{
    radon_cbor_reader_t reader;
    uint32_t count = 0;
    uint32_t key = 0;
    radon_bytes_t word = {0};
    radon_cbor_reader_init(&reader, body);
    bool ok = radon_cbor_enter_map(&reader, &count) && count == 1 &&
              radon_cbor_read_u32(&reader, &key, RADON_FIELD_MAX) && key == RADON_FIELD_COMMAND &&
              radon_cbor_read_text(&reader, &word) && radon_cbor_leave(&reader) &&
              radon_cbor_read_end(&reader) == RADON_OK;
    return ok ? word : radon_bytes(NULL, 0);
}

radon_bytes_t radon_input_command(radon_bytes_t body, bool json)
{
    return json ? json_command(body) : cbor_command(body);
}

/* ---- Numbers in text ---- */

/** Decimal digits up to here fit a double without rounding. */
#define EXACT_DIGITS 15

typedef struct {
    radon_bytes_t text;
    size_t at;
    double mantissa;
    int digits;
    int exponent;
} number_t;

static bool take(number_t *number, uint8_t character)
{
    bool there = number->at < number->text.len && number->text.data[number->at] == character;
    number->at += there;
    return there;
}

/** Digits into the mantissa; those behind the point (`step` -1) lower the exponent. False without a digit. */
static bool take_digits(number_t *number, int step)
{
    size_t start = number->at;
    while (number->at < number->text.len && number->text.data[number->at] >= '0' &&
           number->text.data[number->at] <= '9') {
        if (number->digits < EXACT_DIGITS) {
            number->mantissa = number->mantissa * 10 + (number->text.data[number->at] - '0');
            number->digits += number->mantissa != 0;
            number->exponent += step;
        } else if (step == 0) {
            number->exponent++;
        }
        number->at++;
    }
    return number->at > start;
}

static bool take_exponent(number_t *number)
{
    if (!take(number, 'e') && !take(number, 'E')) {
        return true;
    }
    bool negative = take(number, '-');
    if (!negative) {
        (void)take(number, '+');
    }
    number_t exponent = {.text = number->text, .at = number->at};
    bool ok = take_digits(&exponent, 0) && exponent.mantissa < 400;
    number->at = exponent.at;
    number->exponent += negative ? -(int)exponent.mantissa : (int)exponent.mantissa;
    return ok;
}

static double scale(double value, int exponent)
{
    double power = 1;
    for (int i = exponent < 0 ? -exponent : exponent; i > 0; i--) {
        power *= 10;
    }
    return exponent < 0 ? value / power : value * power;
}

bool radon_input_number(radon_bytes_t text, double *value)
{
    number_t number = {.text = text};
    bool negative = take(&number, '-');
    bool ok = take_digits(&number, 0);
    if (ok && take(&number, '.')) {
        ok = take_digits(&number, -1);
    }
    ok = ok && take_exponent(&number) && number.at == text.len;
    double magnitude = ok ? scale(number.mantissa, number.exponent) : 0;
    *value = negative ? -magnitude : magnitude;
    return ok && magnitude - magnitude == 0;
}

/* ---- Times ---- */

#define LARGEST_MS ((uint64_t)1 << 53)

bool radon_input_ms(radon_bytes_t text, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || *value > LARGEST_MS / 10U) {
            return false;
        }
        *value = *value * 10U + (uint64_t)(text.data[i] - '0');
    }
    return text.len > 0;
}

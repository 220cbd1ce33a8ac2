#include "radon/app/resources.h"

#include "radon/base/cbor_read.h"
#include "radon/base/crc.h"

#define GET RADON_COAP_METHODS(GET)
#define PUT RADON_COAP_METHODS(PUT)
#define POST RADON_COAP_METHODS(POST)
#define DELETE RADON_COAP_METHODS(DELETE)
#define ALL 0xFEU

static const uint16_t document_formats[] = {RADON_FORMAT_CBOR, RADON_FORMAT_JSON, RADON_FORMAT_TEXT};
static const uint16_t text_format[] = {RADON_FORMAT_TEXT};
static const uint16_t link_format[] = {RADON_FORMAT_LINK_FORMAT};
static const uint16_t log_formats[] = {RADON_FORMAT_TEXT, RADON_FORMAT_CBOR, RADON_FORMAT_JSON};

#define TEXT(literal) \
    { \
        .data = (const uint8_t *)(literal), .len = sizeof(literal) - 1 \
    }
#define FORMATS(table) .ct = (table), .ct_count = sizeof(table) / sizeof(table)[0]

static const radon_coap_resource_t table[] = {
    {.path = ".well-known/core",
     .methods = GET,
     .handler = radon_coap_tree_discover,
     .context = (void *)(uintptr_t)&radon_resources,
     .link = {FORMATS(link_format)}},
    {.path = "node",
     .methods = GET | POST,
     .control = POST,
     .observable = true,
     .handler = radon_resource_node,
     .link = {.rt = TEXT("radon.node"), FORMATS(document_formats), .obs = true}},
    {.path = "atoms",
     .methods = GET,
     .observable = true,
     .handler = radon_resource_atoms,
     .link = {.rt = TEXT("radon.atoms"), FORMATS(document_formats), .obs = true}},
    {.path = "atoms/*",
     .methods = GET | PUT | POST | DELETE,
     .control = POST | DELETE,
     .deferred = PUT | POST | DELETE,
     .observable = true,
     .body_max = RADON_MAX_MANIFEST_BYTES,
     .handler = radon_resource_atom,
     .list = radon_resource_list_atoms},
    {.path = "images/*",
     .methods = GET | PUT,
     .deferred = PUT,
     .body_max = RADON_MAX_MODULE_BYTES,
     .handler = radon_resource_image},
    {.path = "a/*/**",
     .methods = ALL,
     .deferred = ALL,
     .observable = true,
     .body_max = UINT16_MAX,
     .handler = radon_resource_served,
     .list = radon_resource_list_served},
    {.path = "io",
     .methods = GET,
     .handler = radon_resource_channels,
     .link = {.rt = TEXT("radon.io"), FORMATS(document_formats)}},
    {.path = "io/*",
     .methods = GET | PUT,
     .control = PUT,
     .deferred = PUT,
     .observable = true,
     .handler = radon_resource_channel,
     .list = radon_resource_list_channels},
    {.path = "log",
     .methods = GET,
     .observable = true,
     .handler = radon_resource_log,
     .link = {.rt = TEXT("radon.log"), FORMATS(log_formats), .obs = true}},
    {.path = "time",
     .methods = GET | PUT,
     .control = PUT,
     .handler = radon_resource_time,
     .link = {.rt = TEXT("radon.time"), FORMATS(text_format)}},
};

const radon_coap_tree_t radon_resources = {.resources = table, .count = sizeof table / sizeof table[0]};

uint32_t radon_resource_sender(const radon_endpoint_t *endpoint)
{
    uint32_t state = radon_crc32_update(RADON_CRC32_START, &endpoint->link, sizeof endpoint->link);
    return radon_crc32_update(state, endpoint->address, endpoint->address_len);
}

radon_coap_handled_t radon_resource_problem(radon_coap_response_t *response, radon_problem_t problem,
                                            radon_field_t field, radon_bytes_t text)
{
    radon_problem_report_t report = radon_problem_report(problem);
    if (text.len > 0) {
        radon_problem_add_text(&report, field, text);
    }
    radon_coap_response_problem(response, &report);
    return RADON_COAP_DONE;
}

radon_coap_handled_t radon_resource_busy(radon_coap_response_t *response)
{
    (void)radon_resource_problem(response, RADON_PROBLEM_BUSY, RADON_FIELD_DETAIL,
                                 radon_bytes_text("other work"));
    response->max_age_s = 1;
    return RADON_COAP_DONE;
}

radon_coap_handled_t radon_resource_too_large(radon_coap_response_t *response, size_t have, size_t limit)
{
    radon_problem_report_t report = radon_problem_report(RADON_PROBLEM_TOO_LARGE);
    radon_problem_add_number(&report, RADON_FIELD_HAVE, (int64_t)have);
    radon_problem_add_number(&report, RADON_FIELD_LIMIT, (int64_t)limit);
    radon_coap_response_problem(response, &report);
    response->size1 = (uint32_t)limit;
    return RADON_COAP_DONE;
}

/** {"command": "WORD"} as JSON writes it without escapes. */
static radon_bytes_t json_command(radon_bytes_t body)
{
    static const char *const parts[] = {"{", "\"command\"", ":", "\""};
    size_t at = 0;
    for (uint32_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        while (at < body.len && (body.data[at] == ' ' || body.data[at] == '\n')) {
            at++;
        }
        radon_bytes_t part = radon_bytes_text(parts[i]);
        if (!radon_bytes_start_with(radon_bytes(body.data + at, body.len - at), part)) {
            return radon_bytes(NULL, 0);
        }
        at += part.len;
    }
    size_t end = at;
    while (end < body.len && body.data[end] >= 'a' && body.data[end] <= 'z') {
        end++;
    }
    return end < body.len && body.data[end] == '"' ? radon_bytes(body.data + at, end - at)
                                                   : radon_bytes(NULL, 0);
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

radon_bytes_t radon_resource_command(const radon_coap_request_t *request)
{
    return request->content_format == RADON_FORMAT_JSON ? json_command(request->payload)
                                                        : cbor_command(request->payload);
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

bool radon_resource_parse_number(radon_bytes_t text, double *value)
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

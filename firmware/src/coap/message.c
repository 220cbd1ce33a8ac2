#include "radon/coap/message.h"

#define HEADER_BYTES 4
#define PAYLOAD_MARKER 0xff

/* Nibbles of an option header (RFC 7252 3.1). */
enum { NIBBLE_BYTE = 13, NIBBLE_TWO_BYTES = 14, NIBBLE_RESERVED = 15 };
#define BASE_BYTE 13u
#define BASE_TWO_BYTES 269u

/* Parsing --------------------------------------------------------------------------------------------------
 */

/** Takes `count` bytes from the front of `rest`; false when there are fewer. */
static bool take(radon_bytes_t *rest, size_t count, radon_bytes_t *taken)
{
    if (rest->len < count) {
        return false;
    }
    *taken = radon_bytes(rest->data, count);
    *rest = radon_bytes(rest->data + count, rest->len - count);
    return true;
}

/** Value of a delta or length nibble with its extension bytes. */
static bool take_extended(radon_bytes_t *rest, unsigned nibble, uint32_t *value)
{
    radon_bytes_t more;
    *value = nibble;
    if (nibble == NIBBLE_BYTE && take(rest, 1, &more)) {
        *value = more.data[0] + BASE_BYTE;
        return true;
    }
    if (nibble == NIBBLE_TWO_BYTES && take(rest, 2, &more)) {
        *value = (uint32_t)(more.data[0] << 8 | more.data[1]) + BASE_TWO_BYTES;
        return true;
    }
    return nibble < NIBBLE_BYTE;
}

/** Takes one option from well-formed or hostile bytes; false when they are not one. */
static bool take_option(radon_bytes_t *rest, uint16_t *number, radon_bytes_t *value)
{
    radon_bytes_t head;
    uint32_t delta;
    uint32_t len;
    if (!take(rest, 1, &head) || !take_extended(rest, head.data[0] >> 4, &delta) ||
        !take_extended(rest, head.data[0] & 15u, &len) || *number + delta > UINT16_MAX) {
        return false;
    }
    *number = (uint16_t)(*number + delta);
    return take(rest, len, value);
}

/** Splits what follows the token into options and payload. */
static bool parse_body(radon_coap_message_t *message, radon_bytes_t rest)
{
    radon_bytes_t value;
    uint16_t number = 0;
    const uint8_t *start = rest.data;
    while (rest.len > 0 && rest.data[0] != PAYLOAD_MARKER) {
        if (!take_option(&rest, &number, &value)) {
            return false;
        }
    }
    message->options = radon_bytes(start, (size_t)(rest.data - start));
    if (rest.len == 1) {
        return false; /* a marker without payload */
    }
    message->payload = rest.len == 0 ? rest : radon_bytes(rest.data + 1, rest.len - 1);
    return true;
}

static bool has_reserved_class(uint8_t code)
{
    unsigned class = RADON_COAP_CLASS(code);
    return class == 1 || class == 6 || class == 7;
}

radon_err_t radon_coap_message_parse(radon_coap_message_t *message, radon_bytes_t datagram)
{
    if (datagram.len < HEADER_BYTES || datagram.data[0] >> 6 != 1) {
        return RADON_E_UNSUPPORTED;
    }
    const uint8_t *header = datagram.data;
    size_t token_len = header[0] & 15u;
    radon_bytes_t rest = radon_bytes(header + HEADER_BYTES, datagram.len - HEADER_BYTES);
    *message = (radon_coap_message_t){.type = (radon_coap_type_t)(header[0] >> 4 & 3),
                                      .code = header[1],
                                      .id = (uint16_t)(header[2] << 8 | header[3])};
    bool empty_with_more = message->code == RADON_COAP_EMPTY && datagram.len > HEADER_BYTES;
    if (token_len > RADON_COAP_TOKEN_MAX || empty_with_more || has_reserved_class(message->code)) {
        return RADON_E_ARG;
    }
    if (!take(&rest, token_len, &message->token) || !parse_body(message, rest)) {
        return RADON_E_ARG;
    }
    return RADON_OK;
}

radon_coap_options_t radon_coap_options(const radon_coap_message_t *message)
{
    return (radon_coap_options_t){.rest = message->options};
}

bool radon_coap_options_next(radon_coap_options_t *options, radon_coap_option_t *option)
{
    if (!take_option(&options->rest, &options->number, &option->value)) {
        return false; /* the end: the bytes were checked when the message was parsed */
    }
    option->number = options->number;
    return true;
}

uint32_t radon_coap_option_uint(radon_bytes_t value)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < value.len; i++) {
        sum = sum << 8 | value.data[i];
    }
    return sum;
}

/* Writing --------------------------------------------------------------------------------------------------
 */

static void put(radon_coap_writer_t *writer, const void *data, size_t len)
{
    if (writer->failed || len > writer->cap - writer->len) {
        writer->failed = true;
        return;
    }
    if (len > 0) {
        memcpy(writer->buffer + writer->len, data, len);
        writer->len += len;
    }
}

void radon_coap_write_header(radon_coap_writer_t *writer, uint8_t *buffer, size_t cap, radon_coap_type_t type,
                             uint8_t code, uint16_t id, radon_bytes_t token)
{
    const uint8_t header[HEADER_BYTES] = {(uint8_t)(1u << 6 | (unsigned)type << 4 | (token.len & 15u)), code,
                                          (uint8_t)(id >> 8), (uint8_t)id};
    *writer = (radon_coap_writer_t){.buffer = buffer, .cap = cap, .failed = token.len > RADON_COAP_TOKEN_MAX};
    put(writer, header, sizeof header);
    put(writer, token.data, token.len);
}

/** Nibble of a delta or length; its extension goes to `more`, the count of whose bytes is returned. */
static size_t extend(size_t value, uint8_t *nibble, uint8_t more[2])
{
    if (value < BASE_BYTE) {
        *nibble = (uint8_t)value;
        return 0;
    }
    if (value < BASE_TWO_BYTES) {
        *nibble = NIBBLE_BYTE;
        more[0] = (uint8_t)(value - BASE_BYTE);
        return 1;
    }
    *nibble = NIBBLE_TWO_BYTES;
    more[0] = (uint8_t)((value - BASE_TWO_BYTES) >> 8);
    more[1] = (uint8_t)(value - BASE_TWO_BYTES);
    return 2;
}

void radon_coap_write_option(radon_coap_writer_t *writer, uint16_t number, radon_bytes_t value)
{
    uint8_t delta;
    uint8_t len;
    uint8_t delta_more[2];
    uint8_t len_more[2];
    if (number < writer->number || value.len > UINT16_MAX) {
        writer->failed = true;
        return;
    }
    size_t delta_size = extend((size_t)(number - writer->number), &delta, delta_more);
    size_t len_size = extend(value.len, &len, len_more);
    uint8_t head = (uint8_t)(delta << 4 | len);
    put(writer, &head, 1);
    put(writer, delta_more, delta_size);
    put(writer, len_more, len_size);
    put(writer, value.data, value.len);
    writer->number = number;
}

void radon_coap_write_option_uint(radon_coap_writer_t *writer, uint16_t number, uint32_t value)
{
    uint8_t bytes[4];
    size_t len = 0;
    for (unsigned shift = 32; shift > 0; shift -= 8) {
        uint8_t byte = (uint8_t)(value >> (shift - 8));
        if (len > 0 || byte != 0) {
            bytes[len++] = byte;
        }
    }
    radon_coap_write_option(writer, number, radon_bytes(bytes, len));
}

void radon_coap_write_marker(radon_coap_writer_t *writer)
{
    static const uint8_t marker = PAYLOAD_MARKER;
    put(writer, &marker, 1);
}

void radon_coap_write_payload(radon_coap_writer_t *writer, radon_bytes_t payload)
{
    if (payload.len > 0) {
        radon_coap_write_marker(writer);
        put(writer, payload.data, payload.len);
    }
}

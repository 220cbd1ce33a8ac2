/** CoAP messages as bytes (RFC 7252 section 3): checked view of a received one, sticky writer of a new one.
 */
#ifndef RADON_COAP_MESSAGE_H
#define RADON_COAP_MESSAGE_H

#include "radon/abi.generated.h"
#include "radon/base/bytes.h"
#include "radon/coap/numbers.h"

#define RADON_COAP_TOKEN_MAX 8

/** A well-formed message; every view is borrowed from the datagram. */
typedef struct {
    radon_coap_type_t type;
    uint8_t code;
    uint16_t id;
    radon_bytes_t token;
    radon_bytes_t options; /**< encoded, without the payload marker */
    radon_bytes_t payload;
} radon_coap_message_t;

/**
 * RADON_OK, or: RADON_E_UNSUPPORTED for what must be ignored in silence (shorter than a header, version not
 * 1); RADON_E_ARG for a message format error, where `type` and `id` are valid for the RST that rejects a CON.
 * Codes of the reserved classes 1, 6 and 7 and an Empty message with more than its header count as format
 * errors.
 */
radon_err_t radon_coap_message_parse(radon_coap_message_t *message, radon_bytes_t datagram);

typedef struct {
    uint16_t number;
    radon_bytes_t value;
} radon_coap_option_t;

/** Position in the options of a parsed message. */
typedef struct {
    radon_bytes_t rest;
    uint16_t number;
} radon_coap_options_t;

radon_coap_options_t radon_coap_options(const radon_coap_message_t *message);

/** False at the end. */
bool radon_coap_options_next(radon_coap_options_t *options, radon_coap_option_t *option);

/** Whether an option of this number must be understood (RFC 7252 5.4.6). */
static inline bool radon_coap_option_is_critical(uint16_t number)
{
    return (number & 1) != 0;
}

/** Value of a uint option (RFC 7252 3.2) of at most 4 bytes; leading zeros are accepted. */
uint32_t radon_coap_option_uint(radon_bytes_t value);

/** Writes into a buffer; what does not fit or is out of order makes `failed` stick. */
typedef struct {
    uint8_t *buffer; /**< kept */
    size_t cap;
    size_t len;
    uint16_t number; /**< of the option before */
    bool failed;
} radon_coap_writer_t;

/** Header and token. */
void radon_coap_write_header(radon_coap_writer_t *writer, uint8_t *buffer, size_t cap, radon_coap_type_t type,
                             uint8_t code, uint16_t id, radon_bytes_t token);

/** Options in ascending order of their numbers. */
void radon_coap_write_option(radon_coap_writer_t *writer, uint16_t number, radon_bytes_t value);
void radon_coap_write_option_uint(radon_coap_writer_t *writer, uint16_t number, uint32_t value);

/** Marker and payload; nothing for an empty one. */
void radon_coap_write_payload(radon_coap_writer_t *writer, radon_bytes_t payload);

/** Marker alone, for a payload that already stands behind it. */
void radon_coap_write_marker(radon_coap_writer_t *writer);

#endif

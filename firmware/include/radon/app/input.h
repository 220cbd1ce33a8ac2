/** What clients write into bodies of control requests. Hostile bytes are refused, nothing is kept. */
#ifndef RADON_APP_INPUT_H
#define RADON_APP_INPUT_H

#include "radon/base/bytes.h"

/**
 * The word behind `command` in a map of this one member, in CBOR or JSON (lower-case letters, no escapes).
 * Empty when the body is anything else.
 */
radon_bytes_t radon_input_command(radon_bytes_t body, bool json);

/** A finite decimal number as JSON writes them: [-]digits[.digits][e[+-]digits]; exact up to 15 digits. */
bool radon_input_number(radon_bytes_t text, double *value);

/** Decimal digits, up to about 2^53. */
bool radon_input_ms(radon_bytes_t text, uint64_t *value);

#endif

/** COSE_Sign1 (RFC 9052 section 4.2) in the one form of docs/reference/wire.md, "Manifest". */
#ifndef RADON_TRUST_COSE_H
#define RADON_TRUST_COSE_H

#include "radon/base/bytes.h"

#define RADON_COSE_KID_BYTES 8U

/** All borrowed from the message. */
typedef struct {
    radon_bytes_t protected_header; /**< as it was signed */
    const uint8_t *kid;             /**< RADON_COSE_KID_BYTES */
    radon_bytes_t payload;
    const uint8_t *signature; /**< 64 bytes */
} radon_cose_sign1_t;

/** NULL, or what is wrong with the message. Nothing is verified. */
const char *radon_cose_parse(radon_bytes_t message, radon_cose_sign1_t *sign1);

/** Whether the signature is by `key` (32 bytes) over the Sig_structure of RFC 9052 section 4.4, empty
 * external AAD. */
bool radon_cose_verify(const radon_cose_sign1_t *sign1, const uint8_t *key);

#endif

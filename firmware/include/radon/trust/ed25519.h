/** Ed25519 signatures (RFC 8032), checked only. */
#ifndef RADON_TRUST_ED25519_H
#define RADON_TRUST_ED25519_H

#include "radon/base/bytes.h"

#define RADON_ED25519_KEY_BYTES 32U
#define RADON_ED25519_SIGNATURE_BYTES 64U

/** Whether `signature` is by `key` over the pieces, one after the other. */
bool radon_ed25519_verify(const uint8_t signature[RADON_ED25519_SIGNATURE_BYTES],
                          const uint8_t key[RADON_ED25519_KEY_BYTES], const radon_bytes_t *pieces,
                          size_t count);

#endif

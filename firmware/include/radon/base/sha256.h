/** SHA-256 (FIPS 180-4). */
#ifndef RADON_BASE_SHA256_H
#define RADON_BASE_SHA256_H

#include "radon/base/bytes.h"

#define RADON_SHA256_BYTES 32U

void radon_sha256(radon_bytes_t bytes, uint8_t digest[RADON_SHA256_BYTES]);

#endif

#include "radon/base/sha256.h"

#include "mbedtls/sha256.h"

void radon_sha256(radon_bytes_t bytes, uint8_t digest[RADON_SHA256_BYTES])
{
    (void)mbedtls_sha256_ret(bytes.data, bytes.len, digest, 0); /* fails with hardware engines only */
}

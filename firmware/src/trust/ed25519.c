#include "radon/trust/ed25519.h"

#include "monocypher-ed25519.h"
#include "monocypher.h"

/* The pieces of crypto_ed25519_check(), so that the message need not lie in one buffer. */
bool radon_ed25519_verify(const uint8_t signature[RADON_ED25519_SIGNATURE_BYTES],
                          const uint8_t key[RADON_ED25519_KEY_BYTES], const radon_bytes_t *pieces,
                          size_t count)
{
    uint8_t hash[64];
    uint8_t reduced[32];
    crypto_sha512_ctx context;
    crypto_sha512_init(&context);
    crypto_sha512_update(&context, signature, 32);
    crypto_sha512_update(&context, key, RADON_ED25519_KEY_BYTES);
    for (size_t i = 0; i < count; i++) {
        crypto_sha512_update(&context, pieces[i].data, pieces[i].len);
    }
    crypto_sha512_final(&context, hash);
    crypto_eddsa_reduce(reduced, hash);
    return crypto_eddsa_check_equation(signature, key, reduced) == 0;
}

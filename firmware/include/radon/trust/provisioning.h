/** The provisioning record of a board: who it is and whom it trusts (docs/reference/wire.md, "Provisioning
 * record"). */
#ifndef RADON_TRUST_PROVISIONING_H
#define RADON_TRUST_PROVISIONING_H

#include "radon/abi.generated.h"
#include "radon/base/bytes.h"
#include "radon/trust/cose.h"
#include "radon/trust/ed25519.h"

#define RADON_PROVISIONING_ID_BYTES 8U
#define RADON_PROVISIONING_KEYS 4U

/** Bits of a key's rights. */
enum { RADON_RIGHT_DEPLOY = 1, RADON_RIGHT_CONTROL = 2, RADON_RIGHT_NATIVE = 4 };

typedef struct {
    const uint8_t *key; /**< RADON_ED25519_KEY_BYTES */
    uint8_t kid[RADON_COSE_KID_BYTES];
    radon_bytes_t prefix; /**< names it may deploy start with this */
    uint32_t rights;
} radon_trusted_key_t;

/** Everything but `kid` borrowed from the record in flash. */
typedef struct {
    const uint8_t *id; /**< RADON_PROVISIONING_ID_BYTES */
    radon_bytes_t name;
    radon_bytes_t board;
    uint32_t key_count;
    radon_trusted_key_t keys[RADON_PROVISIONING_KEYS];
} radon_provisioning_t;

/** Reads the record at the start of a sector; `sector` (kept) is all of it. RADON_E_NOT_FOUND without a valid
 * one. */
radon_err_t radon_provisioning_parse(radon_bytes_t sector, radon_provisioning_t *provisioning);

/** NULL when no key has this identifier. */
const radon_trusted_key_t *radon_provisioning_key(const radon_provisioning_t *provisioning,
                                                  const uint8_t *kid);

#endif

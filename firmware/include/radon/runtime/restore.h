/** Makes a FROZEN instance of a snapshot (docs/reference/wire.md, "Snapshot"). Thread level. */
#ifndef RADON_RUNTIME_RESTORE_H
#define RADON_RUNTIME_RESTORE_H

#include "radon/runtime/runtime.h"

/** Most exported mutable globals of an atom that can be restored. */
#define RADON_RESTORE_GLOBALS 64U

/** Room for the sentence that fills BAD_SNAPSHOT. */
#define RADON_RESTORE_DETAIL_BYTES 80U

typedef struct {
    const radon_version_t *version; /**< what the atom runs */
    radon_bytes_t document;
} radon_restoration_t;

/** Why it was not restored. */
typedef struct {
    radon_refusal_t refusal;                 /**< DOES_NOT_FIT or what the module is refused for */
    char detail[RADON_RESTORE_DETAIL_BYTES]; /**< BAD_SNAPSHOT */
} radon_restore_failure_t;

/**
 * RADON_OK; or, with nothing changed: RADON_E_ARG for a document that does not fit (`detail`), RADON_E_QUOTA
 * and RADON_E_STATE for an atom that finds no memory or no instance (`refusal`), RADON_E_IO when the store
 * does not take the pairs (it has those that it took).
 */
radon_err_t radon_restore(radon_runtime_t *runtime, radon_definition_t *definition,
                          const radon_restoration_t *restoration, radon_restore_failure_t *failure);

#endif

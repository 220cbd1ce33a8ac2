/**
 * Makes, runs, stops and restarts the instances of atoms. Thread level; nothing here is called from inside an
 * activation.
 */
#ifndef RADON_RUNTIME_LIFECYCLE_H
#define RADON_RUNTIME_LIFECYCLE_H

#include "radon/runtime/runtime.h"

/** What to do when a version fails while it starts. */
typedef enum {
    RADON_ON_FAILURE_STOP,    /**< it was never active: give its memory back */
    RADON_ON_FAILURE_RECOVER, /**< as for a failure later on: recovery of the configuration */
} radon_on_failure_t;

/** Notes the version an atom without memory has, so that its state can be shown. */
void radon_lifecycle_describe(radon_definition_t *definition, const radon_version_t *version);

/** The same for a version that starts: the state tells nothing of the life before. */
void radon_lifecycle_begin(radon_definition_t *definition, const radon_version_t *version);

/**
 * Takes memory for `version` of an atom without memory and starts it: a daemon runs `on_start`, a reactive
 * atom is loaded once to see that it can be, and is IDLE. RADON_OK, or: RADON_E_QUOTA when no block is free
 * (*refusal says DOES_NOT_FIT with the numbers), RADON_E_STATE when it failed; the state then tells why, its
 * memory is given back.
 */
radon_err_t radon_lifecycle_start(radon_runtime_t *runtime, radon_definition_t *definition,
                                  const radon_version_t *version, radon_on_failure_t on_failure,
                                  radon_refusal_t *refusal);

/** Runs `on_stop` of every instance, gives the memory back and refuses what waits. The life is then
 * STOPPED. */
void radon_lifecycle_stop(radon_runtime_t *runtime, radon_definition_t *definition,
                          radon_stop_reason_t reason);

/** Runs at most one activation of this atom. False when there was nothing to do. */
bool radon_lifecycle_step(radon_definition_t *definition, uint64_t now_us);

/** When radon_lifecycle_step() may have something to do without anything arriving; RADON_PORT_NEVER for
 * never. */
uint64_t radon_lifecycle_next_due(const radon_definition_t *definition);

#endif

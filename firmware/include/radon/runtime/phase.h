/** Phases of an instance and the steps between them (docs/reference/runtime-interface.md). */
#ifndef RADON_RUNTIME_PHASE_H
#define RADON_RUNTIME_PHASE_H

#include "radon/abi.generated.h"

#include <stdbool.h>

/** Whether an instance may go from one phase straight to another. */
bool radon_phase_step_allowed(radon_phase_t from, radon_phase_t to);

/** Takes the step when it is legal; else RADON_E_STATE and `*phase` stays. */
radon_err_t radon_phase_step(volatile radon_phase_t *phase, radon_phase_t to);

/** Upper-case name as shown in the state of an atom. */
const char *radon_phase_name(radon_phase_t phase);

#endif

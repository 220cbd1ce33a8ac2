#include "radon/runtime/phase.h"

#include <stdint.h>

#define BIT(phase) (1U << RADON_PHASE_##phase)

/** For each phase the set of phases that may follow. */
static const uint8_t steps[] = {
    [RADON_PHASE_CREATED] = BIT(SUSPENDED) | BIT(ERROR) | BIT(TERMINATED),
    [RADON_PHASE_SUSPENDED] = BIT(RUNNING) | BIT(TERMINATED) | BIT(FROZEN),
    [RADON_PHASE_RUNNING] = BIT(COMPLETED) | BIT(ERROR),
    [RADON_PHASE_COMPLETED] = BIT(SUSPENDED),
    [RADON_PHASE_ERROR] = BIT(TERMINATED) | BIT(CREATED),
    [RADON_PHASE_TERMINATED] = 0,
    [RADON_PHASE_FROZEN] = BIT(SUSPENDED) | BIT(TERMINATED),
};

static const char *const names[] = {
    [RADON_PHASE_CREATED] = "CREATED", [RADON_PHASE_SUSPENDED] = "SUSPENDED",
    [RADON_PHASE_RUNNING] = "RUNNING", [RADON_PHASE_COMPLETED] = "COMPLETED",
    [RADON_PHASE_ERROR] = "ERROR",     [RADON_PHASE_TERMINATED] = "TERMINATED",
    [RADON_PHASE_FROZEN] = "FROZEN",
};

bool radon_phase_step_allowed(radon_phase_t from, radon_phase_t to)
{
    return (steps[from] & (1U << to)) != 0;
}

radon_err_t radon_phase_step(volatile radon_phase_t *phase, radon_phase_t to)
{
    if (!radon_phase_step_allowed(*phase, to)) {
        return RADON_E_STATE;
    }
    *phase = to;
    return RADON_OK;
}

const char *radon_phase_name(radon_phase_t phase)
{
    return names[phase];
}

/** The first calls of an instance: `_initialize`, `on_recover` after a failure, `on_start`. Thread level. */
#ifndef RADON_RUNTIME_CREATION_H
#define RADON_RUNTIME_CREATION_H

#include "radon/runtime/recovery.h"

/** Makes the instance, without running any of it; false with what its module was refused for. */
bool radon_creation_open(radon_actor_t *actor, radon_failure_t *failure);

/** Runs an opened one through its START. False with the failure; `exiting` when it called exit. */
bool radon_creation_start(radon_actor_t *actor, radon_outcome_t *outcome);

#endif

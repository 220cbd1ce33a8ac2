/** One call of an instance: `_initialize`, a handler, `collect`. Thread level. */
#ifndef RADON_RUNTIME_ACTIVATION_H
#define RADON_RUNTIME_ACTIVATION_H

#include "radon/runtime/runtime.h"

/** Makes an instance in its fresh arena, without running any of it; loads the module where nobody did yet. */
bool radon_activation_open(radon_actor_t *actor, radon_refusal_t *refusal);

/** Lets go of the instance; the module stays loaded. */
void radon_activation_close(radon_actor_t *actor);

/** Calls `_initialize` of a fresh instance: no event, no activation. False with the failure in `outcome`. */
bool radon_activation_initialize(radon_actor_t *actor, radon_outcome_t *outcome);

/**
 * Calls the handler of the current event. False with the failure in `outcome`; else `outcome->result` is what
 * the handler answered.
 */
bool radon_activation_run(radon_actor_t *actor, radon_outcome_t *outcome);

/** Lets the guest collect its garbage; no activation, no event. False with the failure in `outcome`. */
bool radon_activation_collect(radon_actor_t *actor, radon_outcome_t *outcome);

/** The export that handles an event of this kind. */
radon_export_t radon_activation_export(radon_event_kind_t kind);

#endif

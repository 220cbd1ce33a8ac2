/**
 * Phase FROZEN (docs/reference/wire.md, "Snapshot"): nothing of the instance runs and its time stands still,
 * while its inbox stays open. Thread level, between activations.
 */
#ifndef RADON_RUNTIME_FREEZE_H
#define RADON_RUNTIME_FREEZE_H

#include "radon/runtime/runtime.h"

/** The one instance of an atom, while it is FROZEN; or NULL. `atom` may be NULL. */
radon_actor_t *radon_frozen(const radon_atom_t *atom);

/** RADON_E_STATE unless the atom has one SUSPENDED instance, called like the atom, and no other to come. */
radon_err_t radon_freeze(radon_definition_t *definition);

/** RADON_E_STATE unless it is FROZEN. */
radon_err_t radon_thaw(radon_definition_t *definition);

/** Makes a LIVE instance FROZEN from now on. */
void radon_freeze_actor(radon_actor_t *actor);

/** What `uptime_ms` returns, of a FROZEN instance as of when it was frozen. */
uint64_t radon_actor_uptime_ms(const radon_actor_t *actor);

/** Takes out of the inbox what the last GET of the snapshot gave: it goes on elsewhere. */
void radon_frozen_drop_taken(radon_atom_t *atom);

#endif

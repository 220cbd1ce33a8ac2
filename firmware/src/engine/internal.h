/** Inside engine/, between its sources. Not a public header. */
#ifndef RADON_ENGINE_INTERNAL_H
#define RADON_ENGINE_INTERNAL_H

#include "radon/engine/engine.h"

/* ---- engine.c ---- */

/** The instance whose call runs now, or NULL. */
extern radon_instance_t *radon_engine_active;

/** Fills `refusal` after the engine refused with `error`: no room in `arena`, or a bad module. */
void radon_engine_refuse(radon_refusal_t *refusal, const radon_arena_t *arena, const char *error);

/* ---- trap.c ---- */

/** Forgets the last trap: a call begins. */
void radon_engine_trap_reset(void);

/** Makes the interpreter leave the running call after a host function set `instance->trap`. */
void radon_engine_trap_raise(const radon_instance_t *instance);

/** Fills in why and where the call of `instance` ended: by the engine's exception, or by force. */
void radon_engine_trap_describe(const radon_instance_t *instance, bool killed, radon_outcome_t *outcome);

/* ---- names.c ---- */

/** Name of a function from the name section, else from an export; "" when it has none. Cut to `capacity` - 1.
 */
void radon_engine_function_name(const radon_module_t *module, uint32_t index, char *out, size_t capacity);

#endif

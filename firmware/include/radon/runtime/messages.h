/** Messages of atoms: where they go, and what comes in (docs/reference/runtime-interface.md, "Messages"). */
#ifndef RADON_RUNTIME_MESSAGES_H
#define RADON_RUNTIME_MESSAGES_H

#include "radon/runtime/runtime.h"

/** A message that an instance sends. */
typedef struct {
    const radon_actor_t *actor;
    radon_bytes_t to;
    radon_bytes_t payload;
    uint8_t flags; /**< set of radon_send_flags_t */
    uint32_t correlation;
} radon_dispatch_t;

/**
 * Delivers a message on this node or puts it into the outbox; `*id` is its own. RADON_OK or the errors of
 * `send`, from E_NOT_FOUND on. Thread level.
 */
radon_err_t radon_messages_send(radon_runtime_t *runtime, const radon_dispatch_t *dispatch, uint64_t now_us,
                                uint32_t *id);

/** A message of another node or from outside. */
typedef struct {
    radon_bytes_t to;     /**< name of an atom, an instance or an alias */
    radon_bytes_t sender; /**< `<node>/<instance>`, empty from outside */
    radon_bytes_t payload;
    uint32_t id;
    uint32_t correlation;
    bool unordered;
} radon_arrival_t;

/**
 * Delivers it: RADON_OK, or with the atom it was for in `*definition` RADON_E_FULL, RADON_E_TOO_BIG,
 * RADON_E_STATE (it has no memory), and RADON_E_NOT_FOUND. Network level.
 */
radon_err_t radon_messages_arrive(radon_runtime_t *runtime, const radon_arrival_t *arrival, uint64_t now_us,
                                  const radon_definition_t **definition);

/** Called for a member of an alias; `number` 0: the atom's policy picks the instance. */
typedef void (*radon_member_visit_t)(void *context, radon_definition_t *definition, uint32_t number);

/** Visits the members that an alias has here: instances that joined, atoms that name it in their
 * configuration. */
void radon_messages_visit_members(radon_runtime_t *runtime, radon_bytes_t alias, radon_member_visit_t visit,
                                  void *context);

#endif

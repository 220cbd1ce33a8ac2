/** Ends the current event: done, kept, offered to another instance, dropped. Thread level. */
#ifndef RADON_RUNTIME_SETTLE_H
#define RADON_RUNTIME_SETTLE_H

#include "radon/runtime/runtime.h"

/** Why an event is dropped. */
typedef enum {
    RADON_DROP_EXPIRED,    /**< waited too long: E_TIMEOUT; a request was answered before */
    RADON_DROP_REJECTED,   /**< by all: 5.03 REJECTED, E_DENIED */
    RADON_DROP_UNHANDLED,  /**< no handler: 5.03 NO_ANSWER_FROM_ATOM or 4.05, E_STATE */
    RADON_DROP_FAILED,     /**< 5.00 ATOM_FAILED, E_STATE */
    RADON_DROP_GONE,       /**< its instance ended: 4.04 NO_SUCH_ATOM, E_NOT_FOUND */
    RADON_DROP_NOT_RUNNING /**< the atom ends: 5.03 NOT_RUNNING, E_STATE */
} radon_drop_t;

/** As its handler answered (radon_handler_result_t or anything else). */
void radon_settle(radon_actor_t *actor, int32_t result, uint64_t now_us);

/** Without a handler for it. */
void radon_settle_unhandled(radon_actor_t *actor);

/** After a trap: it is offered again once when `again`, else dropped and reported. */
void radon_settle_failed(radon_actor_t *actor, bool again);

/** The START of a spawned instance was handled. */
void radon_settle_started(radon_atom_t *atom);

/** Drops record `index` of the inbox, which nobody handles now, and tells who waits for it. Under the
 * ceiling. */
void radon_settle_drop(radon_atom_t *atom, uint8_t index, radon_drop_t why);

/** Drops everything in the inbox: the atom ends. */
void radon_settle_drop_all(radon_atom_t *atom);

/**
 * What waits for an instance that ended: sent to it alone: dropped; it was made for it and `failed`: dropped;
 * else the policy decides anew. Its open requests are refused, its own forgotten. Its place is free after.
 */
void radon_settle_ended(radon_actor_t *actor, bool failed);

#endif

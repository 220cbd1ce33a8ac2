/** What became of messages, on its way to their senders: here until an inbox or the outbox has room. */
#ifndef RADON_RUNTIME_REPORTS_H
#define RADON_RUNTIME_REPORTS_H

#include "radon/runtime/runtime.h"

/**
 * The message `id` of `sender` (SENDER, copied), which was in the inbox of `holder`, was not delivered
 * because of `error`. `number`: of the instance that had it, 0 for none or the one called like the atom.
 * Nothing happens for an empty sender or id 0. Any level, also under the ceiling.
 */
void radon_reports_add(radon_atom_t *holder, uint32_t number, radon_bytes_t sender, uint32_t id,
                       radon_err_t error);

/** What an atom of this node hears of its message. */
typedef struct {
    radon_definition_t *definition;
    uint32_t number;           /**< of the instance that sent it, 0 for the one called like the atom */
    radon_bytes_t destination; /**< SENDER of the event: copied, cut to 32 bytes */
    uint32_t id;
    radon_outcome_kind_t outcome;
    radon_err_t error; /**< RADON_OK with DELIVERED */
} radon_told_t;

/**
 * Tells the sender. An instance that is no more hears nothing, nor does an atom of what it sent before it was
 * started. Any level, also under the ceiling.
 */
void radon_reports_tell(radon_runtime_t *runtime, const radon_told_t *told);

/**
 * An atom has ended: what its messages become is not told to the one that starts after it, under its name or
 * in its place. Thread level.
 */
void radon_reports_forget(radon_runtime_t *runtime, const radon_definition_t *definition);

/** An atom is deleted: reports of what it had name it as their holder, and could not any more. Thread level.
 */
void radon_reports_lose(radon_runtime_t *runtime, const radon_definition_t *definition);

/** Hands over what waits and finds room now; whether any is left. Network level. */
bool radon_reports_retry(radon_runtime_t *runtime, uint64_t now_us);

#endif

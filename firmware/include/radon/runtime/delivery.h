/** Puts messages, reports and the starts of spawned instances into inboxes. Any level. */
#ifndef RADON_RUNTIME_DELIVERY_H
#define RADON_RUNTIME_DELIVERY_H

#include "radon/runtime/runtime.h"

typedef struct {
    uint32_t number;      /**< of the instance it is for; 0: the policy decides */
    radon_bytes_t sender; /**< SENDER; empty from outside */
    radon_bytes_t payload;
    uint32_t id;          /**< the sender's own; 0: it wants no report */
    uint32_t correlation; /**< id of the message it answers, or 0 */
    bool unordered;
} radon_delivery_t;

/** RADON_E_TOO_BIG: never fits. RADON_E_FULL: does not fit now. RADON_E_NOT_FOUND: no such instance. */
radon_err_t radon_delivery_message(radon_atom_t *atom, const radon_delivery_t *delivery, uint64_t now_us);

typedef struct {
    uint32_t number;           /**< of the instance that sent; 0: the one called like the atom */
    radon_bytes_t destination; /**< as it was given to `send`; SENDER of the event */
    uint32_t id;               /**< of the message */
    radon_outcome_kind_t outcome;
    radon_err_t error; /**< RADON_OK with DELIVERED */
} radon_delivery_report_t;

/** Errors as above. */
radon_err_t radon_delivery_report(radon_atom_t *atom, const radon_delivery_report_t *report, uint64_t now_us);

/**
 * Reserves a place for a new instance of a reactive atom and lets its START wait; `*number` is its own.
 * RADON_E_FULL when no place is free or the inbox has no room.
 */
radon_err_t radon_delivery_spawn(radon_atom_t *atom, radon_bytes_t spawner, radon_bytes_t args,
                                 uint64_t now_us, uint32_t *number);

/**
 * Appends `event` with its bytes: place, time and turn are filled in, the atom is woken. Errors as above.
 */
radon_err_t radon_delivery_event(radon_atom_t *atom, const radon_inbox_event_t *event, radon_bytes_t head,
                                 radon_bytes_t payload, uint64_t now_us);

#endif

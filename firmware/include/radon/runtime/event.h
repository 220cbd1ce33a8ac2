/** Chooses the event that an atom handles next, and makes it current. Thread level. */
#ifndef RADON_RUNTIME_EVENT_H
#define RADON_RUNTIME_EVENT_H

#include "radon/runtime/runtime.h"

/** What an atom does next. */
typedef struct {
    radon_actor_t *actor; /**< NULL: nothing */
    bool create;          /**< the instance is to be made first; `index` is the record it is made for */
    uint8_t index;
} radon_event_choice_t;

/** Makes START, STOP or RECOVER current. */
void radon_event_begin(radon_atom_t *atom, radon_event_kind_t kind, int32_t reason);

/** Makes the START in record `index` of the inbox current. */
void radon_event_begin_spawned(radon_atom_t *atom, uint8_t index);

/**
 * Finds timers that are due, drops what waited too long or was rejected by all, and chooses. The chosen event
 * is current unless an instance has to be made for it.
 */
radon_event_choice_t radon_event_next(radon_atom_t *atom, uint64_t now_us);

/** Drops events that waited too long. For atoms that may not run now. */
void radon_event_sweep(radon_atom_t *atom);

/** Lets every event that was answered with LATER run again. */
void radon_event_release_held(radon_atom_t *atom);

/** When radon_event_next() may find something new without anything arriving; UINT64_MAX for never. */
uint64_t radon_event_next_due(const radon_atom_t *atom, uint64_t now_us);

/** A new reading of a channel, for the watches of an atom. */
void radon_event_reading(radon_atom_t *atom, const radon_reading_t *reading);

#endif

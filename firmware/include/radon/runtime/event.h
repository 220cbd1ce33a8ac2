/** Chooses the event that an atom handles next, and makes it current. Thread level. */
#ifndef RADON_RUNTIME_EVENT_H
#define RADON_RUNTIME_EVENT_H

#include "radon/runtime/atom.h"

/** Makes START or STOP current. `reason` is 0 for START. */
void radon_event_begin(radon_atom_t *atom, radon_event_kind_t kind, int32_t reason);

/** Finds timers that are due, drops messages that waited too long, and makes the next event current; or
 * false. */
bool radon_event_next(radon_atom_t *atom, uint64_t now_us);

/** Drops messages that waited too long; whether any is left. For atoms without instance. */
bool radon_event_waits(radon_atom_t *atom);

/** Ends the current event as its handler answered (radon_handler_result_t or anything else). */
void radon_event_settle(radon_atom_t *atom, int32_t result, uint64_t now_us);

/** Ends the current event of an atom without handler for it. */
void radon_event_refuse(radon_atom_t *atom);

/** Ends the current event after a trap: it is offered again once when `again`, else dropped and reported. */
void radon_event_fail(radon_atom_t *atom, bool again, radon_trap_t trap);

/** When radon_event_next() may find something new without anything arriving; UINT64_MAX for never. */
uint64_t radon_event_next_due(const radon_atom_t *atom);

/** A new reading of a channel, for the watch of an atom. */
void radon_event_reading(radon_atom_t *atom, const radon_reading_t *reading);

#endif

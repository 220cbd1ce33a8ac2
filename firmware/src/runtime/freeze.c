#include "radon/runtime/freeze.h"

#include "radon/runtime/notices.h"
#include "radon/runtime/phase.h"

radon_actor_t *radon_frozen(const radon_atom_t *atom)
{
    radon_actor_t *actor = atom == NULL ? NULL : radon_atom_actor(atom, 0);
    bool frozen = actor != NULL && actor->state == RADON_ACTOR_LIVE && actor->phase == RADON_PHASE_FROZEN;
    return frozen ? actor : NULL;
}

void radon_freeze_actor(radon_actor_t *actor)
{
    actor->frozen_us = radon_port_now_us();
    actor->atom->taken = false;
    actor->phase = RADON_PHASE_FROZEN;
    radon_notices_life(actor->atom->runtime, actor->atom->definition);
}

radon_err_t radon_freeze(radon_definition_t *definition)
{
    const radon_atom_t *atom = definition->atom;
    radon_actor_t *actor = atom == NULL ? NULL : radon_atom_actor(atom, 0);
    if (actor == NULL || actor->state != RADON_ACTOR_LIVE || radon_atom_next_actor(atom, 0) != NULL ||
        !radon_phase_step_allowed(actor->phase, RADON_PHASE_FROZEN)) {
        return RADON_E_STATE;
    }
    radon_freeze_actor(actor);
    return RADON_OK;
}

radon_err_t radon_thaw(radon_definition_t *definition)
{
    radon_actor_t *actor = radon_frozen(definition->atom);
    if (actor == NULL) {
        return RADON_E_STATE;
    }
    uint64_t stood_us = radon_port_now_us() - actor->frozen_us;
    for (uint8_t i = 0; i < actor->timers.limit; i++) {
        radon_timer_t *timer = &actor->timers.timers[i];
        timer->due_us += timer->due_us == RADON_TIMER_STOPPED ? 0 : stood_us;
    }
    actor->uptime_offset_us -= (int64_t)stood_us;
    actor->atom->taken = false;
    actor->phase = RADON_PHASE_SUSPENDED;
    radon_notices_life(actor->atom->runtime, definition);
    return RADON_OK;
}

uint64_t radon_actor_uptime_ms(const radon_actor_t *actor)
{
    uint64_t now_us = actor->phase == RADON_PHASE_FROZEN ? actor->frozen_us : radon_port_now_us();
    return (now_us + (uint64_t)actor->uptime_offset_us) / 1000U;
}

void radon_frozen_drop_taken(radon_atom_t *atom)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    for (uint8_t i = atom->inbox.count; atom->taken && i > 0; i--) {
        const radon_inbox_event_t *event = &atom->inbox.events[i - 1];
        bool moves = event->kind == RADON_EVENT_MESSAGE || event->kind == RADON_EVENT_UNDELIVERED;
        if (moves && (int32_t)(event->place - atom->taken_place) < 0) {
            radon_inbox_remove(&atom->inbox, (uint8_t)(i - 1));
        }
    }
    radon_port_ceiling_restore(ceiling);
}

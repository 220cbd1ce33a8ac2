#include "radon/runtime/activation.h"

radon_export_t radon_activation_export(radon_event_kind_t kind)
{
    static const radon_export_t exports[] = {
        [RADON_EVENT_START] = RADON_EXPORT_ON_START,
        [RADON_EVENT_MESSAGE] = RADON_EXPORT_ON_MESSAGE,
        [RADON_EVENT_REQUEST] = RADON_EXPORT_ON_REQUEST,
        [RADON_EVENT_RESPONSE] = RADON_EXPORT_ON_RESPONSE,
        [RADON_EVENT_TIMER] = RADON_EXPORT_ON_TIMER,
        [RADON_EVENT_IO] = RADON_EXPORT_ON_IO,
        [RADON_EVENT_UNDELIVERED] = RADON_EXPORT_ON_UNDELIVERED,
        [RADON_EVENT_STOP] = RADON_EXPORT_ON_STOP,
        [RADON_EVENT_RECOVER] = RADON_EXPORT_ON_RECOVER,
    };
    return exports[kind];
}

/** What the module exports, so that events without handler need no instance. */
static uint16_t exports_of(const radon_instance_t *instance)
{
    uint16_t exports = 0;
    _Static_assert(RADON_EXPORT_COUNT <= 16, "a bit for each export");
    for (unsigned i = 0; i < RADON_EXPORT_COUNT; i++) {
        exports |= (uint16_t)(radon_instance_exports(instance, (radon_export_t)i) ? 1U << i : 0U);
    }
    return exports;
}

bool radon_activation_open(radon_actor_t *actor, radon_refusal_t *refusal)
{
    radon_atom_t *atom = actor->atom;
    if (!radon_modules_load(atom->module, refusal)) {
        return false;
    }
    uint8_t *arena = atom->arenas + (size_t)(radon_actor_place(actor) - 1) * atom->arena_size;
    radon_arena_init(&actor->arena, arena, atom->arena_size);
    bool opened = radon_instance_open(&actor->instance, &atom->module->module, &actor->arena,
                                      atom->configuration.stack, actor, refusal);
    actor->memory_used = opened ? actor->arena.high_water : 0;
    if (opened) {
        atom->exports = exports_of(&actor->instance);
    }
    return opened;
}

void radon_activation_close(radon_actor_t *actor)
{
    radon_instance_close(&actor->instance);
    actor->memory_used = 0;
}

/** Calls one export under the deadline of the configuration. A call may take nearly as long as the watchdog
 * waits, so progress is told on both sides of it. */
static bool call(radon_actor_t *actor, radon_export_t function, radon_outcome_t *outcome)
{
    radon_port_progress(RADON_PROGRESS_THREAD);
    radon_instance_call(&actor->instance, function, actor->atom->configuration.deadline_ms * 1000U, outcome);
    radon_port_progress(RADON_PROGRESS_THREAD);
    return outcome->trap == RADON_TRAP_NONE;
}

/** Two words that the network level reads. */
static void set_activated(radon_actor_t *actor, uint64_t now_us)
{
    radon_ceiling_t ceiling = radon_port_ceiling_raise();
    actor->activated_us = now_us;
    radon_port_ceiling_restore(ceiling);
}

bool radon_activation_initialize(radon_actor_t *actor, radon_outcome_t *outcome)
{
    radon_event_t *event = &actor->atom->runtime->event;
    memset(event, 0, sizeof *event);
    event->scalars[RADON_EVENT_FIELD_KIND] = RADON_EVENT_START; /* for the report of a trap */
    return call(actor, RADON_EXPORT_INITIALIZE, outcome);
}

bool radon_activation_run(radon_actor_t *actor, radon_outcome_t *outcome)
{
    radon_event_t *event = &actor->atom->runtime->event;
    radon_event_kind_t kind = (radon_event_kind_t)event->scalars[RADON_EVENT_FIELD_KIND];
    set_activated(actor, radon_port_now_us());
    actor->activations++;
    bool ok = call(actor, radon_activation_export(kind), outcome);
    set_activated(actor, 0);
    event->current = false;
    return ok;
}

bool radon_activation_collect(radon_actor_t *actor, radon_outcome_t *outcome)
{
    return call(actor, RADON_EXPORT_COLLECT, outcome);
}
